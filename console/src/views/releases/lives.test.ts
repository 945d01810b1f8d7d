import { expect, test } from 'vitest';
import { Answer } from '../../api/answer';
import { livesOf } from './lives';

const answer = (rows: unknown[][]): Answer => new Answer({ columns: ['time', 'release', 'page_views'], rows });

test('the newest release comes first, with its share of each stretch of time', () => {
  const lives = livesOf(
    answer([
      [1, '1.0', 10],
      [2, '1.0', 6],
      [2, '1.1', 2],
      [3, '1.1', 4],
      [3, '1.0', 0],
    ]),
  );
  expect(lives.map(({ release, first, last, older }) => [release, first, last, older])).toEqual([
    ['1.1', 2, 3, false],
    ['1.0', 1, 2, true],
  ]);
  expect(lives[0]?.shares).toEqual([0, 0.25, 1]);
});

test('views without a release are of none, and count for the shares', () => {
  expect(
    livesOf(
      answer([
        [1, null, 3],
        [1, 'a', 1],
      ]),
    ),
  ).toMatchObject([{ release: 'a', shares: [0.25], views: 1 }]);
});
