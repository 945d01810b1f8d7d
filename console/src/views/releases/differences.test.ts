import { expect, test } from 'vitest';
import { Answer } from '../../api/answer';
import { differencesOf } from './differences';

const side = (rows: unknown[][], truncated = false): Answer =>
  new Answer({ columns: ['error', 'title', 'sessions', 'session_share'], rows, truncated });
const BEFORE = [
  ['a', 'A', 5, 0.05],
  ['b', 'B', 1, 0.01],
  ['c', 'C', 1, 0.01],
];
const AFTER = [
  ['d', 'D', 1, 0.01],
  ['b', 'B', 2, 0.02],
  ['a', 'A', 9, 0.09],
];

test('new groups come first, then what changed most, then what is gone', () => {
  const found = differencesOf(side(BEFORE), side(AFTER));
  expect(found.map(({ error, state }) => [error, state])).toEqual([
    ['d', 'new'],
    ['a', 'both'],
    ['b', 'both'],
    ['c', 'gone'],
  ]);
});

test('where a side was cut off, nothing is called new or gone for not being in it', () => {
  expect(differencesOf(side(BEFORE, true), side(AFTER)).some(({ state }) => state === 'new')).toBe(false);
  expect(differencesOf(side(BEFORE), side(AFTER, true)).some(({ state }) => state === 'gone')).toBe(false);
});
