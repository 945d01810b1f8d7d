import { expect, test } from 'vitest';
import { Answer } from '../../api/answer';
import { formatSteps, parseSteps, stepOn, suggest } from './funnel';

test('steps come back from the address whatever their values hold', () => {
  const steps = ['/a;b', '/c\\;d', 'e,f\\', ';', '.is.', ''].map((value) => stepOn('page', value));
  expect(parseSteps(formatSteps(steps))).toEqual(steps);
});

test('what is no step in the address is left out', () => {
  expect(parseSteps('')).toEqual([]);
  expect(parseSteps('nonsense;page.is./a;;page.is')).toEqual([stepOn('page', '/a')]);
});

test('a star makes a pattern of a value', () => {
  expect(stepOn('page', '/shop/*').op).toBe('matches');
});

test('the suggestion ends where people come from one page and go no further, and goes back from there', () => {
  const rows = [
    ['/', '/list', 90],
    ['/list', '/cart', 40],
    ['/', '/cart', 10],
    ['/cart', '/thanks', 30],
    ['/list', '/', 20],
  ];
  const answer = new Answer({ columns: ['from', 'to', 'count'], rows });
  expect(
    suggest(
      answer,
      [['/thanks', 30] as const, ['/list', 50] as const, ['/', 20] as const].map(([a, b]) => [a, b]),
    ),
  ).toEqual(['/', '/list', '/cart', '/thanks']);
  expect(suggest(new Answer({ columns: ['from', 'to', 'count'], rows: [] }), [])).toEqual([]);
});
