import { expect, test } from 'vitest';

import { Answer } from '../api/answer';
import { readSort, sorted, sortText } from './row_order';

test('rows are sorted by any column in either direction, and what is unknown stands last', () => {
  const answer = new Answer({
    columns: ['title', 'users'],
    rows: [
      ['b', 1],
      [null, 3],
      ['a', 2],
    ],
  });
  expect(sorted(answer, { by: 'users', desc: true })).toEqual([1, 2, 0]);
  expect(sorted(answer, { by: 'title', desc: false })).toEqual([2, 0, 1]);
  expect(sorted(answer, { by: 'title', desc: true })).toEqual([0, 2, 1]);
});

test('an order comes back from the address, and the usual one needs no words there', () => {
  for (const sort of [
    { by: 'sessions', desc: true },
    { by: 'sessions', desc: false },
    { by: 'users', desc: true },
  ]) {
    expect(readSort(sortText(sort, 'sessions'), 'sessions')).toEqual(sort);
  }
  expect(sortText({ by: 'sessions', desc: true }, 'sessions')).toBe('');
  expect(sortText({ by: 'users', desc: false }, 'sessions')).toBe('users.up');
});
