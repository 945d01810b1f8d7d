import { expect, test } from 'vitest';

import { statusKind, statusText } from './http';

test('a status has its words, an unknown one its number, and none is no answer', () => {
  expect(statusText(404)).toBe('404 Not Found');
  expect(statusText(599)).toBe('599');
  expect(statusText(null)).toBe('No answer');
});

test('what failed is told apart as the measures have it', () => {
  expect([200, 399, 400, 499, 500, 599, null].map(statusKind)).toEqual([
    'ok',
    'ok',
    '4xx',
    '4xx',
    '5xx',
    '5xx',
    'network',
  ]);
});
