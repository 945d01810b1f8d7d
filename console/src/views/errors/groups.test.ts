import { expect, test } from 'vitest';

import { Answer } from '../../api/answer';
import { byGroup, errorFree } from './groups';

test('a share of error-free sessions is of all sessions, and of none there is no share', () => {
  const errors = new Answer({ columns: ['error_sessions', 'error_sessions_previous'], rows: [[5, 0]] });
  const all = new Answer({ columns: ['sessions', 'sessions_previous'], rows: [[100, 0]] });
  const free = errorFree(errors, all);
  expect(free?.number(0, 'error_free_sessions')).toBe(0.95);
  expect(free?.before(0, 'error_free_sessions')).toBe(null);
  expect(errorFree(errors, undefined)).toBe(undefined);
});

test('what is of no named group is of the others, and bars stay as high as all errors', () => {
  const whole = new Answer({
    columns: ['time', 'js_errors'],
    rows: [
      [1, 7],
      [2, 0],
    ],
  });
  const parts = new Answer({
    columns: ['time', 'error', 'js_errors'],
    rows: [
      [1, 'a', 4],
      [1, 'b', 1],
    ],
  });
  const answer = byGroup(parts, whole, ['a', 'b']);
  expect(answer.rows).toEqual([
    [1, 4, 1, 2],
    [2, 0, 0, 0],
  ]);
});
