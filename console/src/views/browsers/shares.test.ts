import { expect, test } from 'vitest';
import { Answer } from '../../api/answer';
import { sharesOf } from './shares';

const answer = (rows: unknown[][]): Answer => new Answer({ columns: ['time', 'browser', 'sessions'], rows });

test('shares of a bucket add up to one, the largest first and the rest together', () => {
  const { times, shares } = sharesOf(
    answer([
      [2, 'A', 6],
      [1, 'A', 3],
      [1, 'B', 1],
      [2, 'C', 2],
      [2, 'D', 2],
    ]),
    2,
  );
  expect(times).toEqual([1, 2]);
  expect(shares.map(({ name }) => name)).toEqual(['A', 'C', 'All others']);
  expect(shares.map(({ values }) => values)).toEqual([
    [0.75, 0.6],
    [0, 0.2],
    [0.25, 0.2],
  ]);
});

test('a bucket without anybody has no share, and is there all the same', () => {
  const { times, shares } = sharesOf(
    answer([
      [1, 'A', 4],
      [2, null, 0],
    ]),
  );
  expect(times).toEqual([1, 2]);
  expect(shares).toEqual([{ name: 'A', values: [1, null], colour: 'series-1' }]);
});

test('names are told apart, whatever a browser calls itself', () => {
  const { shares } = sharesOf(
    answer([
      [1, '(none)', 3],
      [1, null, 2],
      [1, 'All others', 1],
    ]),
  );
  expect(new Set(shares.map(({ name }) => name)).size).toBe(3);
});
