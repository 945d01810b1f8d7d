// Which chart an answer makes, and how its rows are sorted and written.

import { expect, test } from 'vitest';
import { cellText, chartOf, leadsTo, momentOf, orderOf, recordOf, type SqlAnswer } from './result';

function answer(columns: [string, string][], rows: unknown[][]): SqlAnswer {
  return {
    columns: columns.map(([name]) => name),
    types: columns.map(([, type]) => type),
    rows,
    truncated: false,
    elapsed_ms: 1,
  };
}

const hours = ['2026-01-02T00:00:00', '2026-01-02T01:00:00', '2026-01-02T03:00:00'];

test('numbers over a time are lines, with holes where nothing was told', () => {
  const told = answer(
    [
      ['hour', 'TIMESTAMP'],
      ['views', 'BIGINT'],
      ['p75', 'DOUBLE'],
    ],
    hours.map((hour, at) => [hour, at, at / 2]),
  );
  const chart = chartOf(told);
  expect(chart).toMatchObject({
    kind: 'lines',
    width: 3_600_000,
    series: [
      { name: 'views', values: [0, 1, null, 2] },
      { name: 'p75', values: [0, 0.5, null, 1] },
    ],
  });
});

test('a label beside the time makes a line for each of its values, the largest first', () => {
  const columns: [string, string][] = [
    ['day', 'DATE'],
    ['device', 'VARCHAR'],
    ['views', 'BIGINT'],
  ];
  const chart = chartOf(
    answer(columns, [
      ['2026-01-01', 'tablet', 1],
      ['2026-01-01', 'desktop', 5],
      ['2026-01-02', 'desktop', 6],
    ]),
  );
  expect(chart).toMatchObject({
    times: [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2)],
    series: [
      { name: 'desktop', values: [5, 6] },
      { name: 'tablet', values: [1, null] },
    ],
  });
});

test('months are no even distances: bars', () => {
  const months = ['2026-01-01', '2026-02-01', '2026-03-01'].map((month, at) => [month, at]);
  const columns: [string, string][] = [
    ['month', 'DATE'],
    ['views', 'BIGINT'],
  ];
  expect(chartOf(answer(columns, months))?.kind).toBe('bars');
});

test('labels and numbers are bars; without numbers there is no chart', () => {
  const columns: [string, string][] = [
    ['page', 'VARCHAR'],
    ['views', 'HUGEINT'],
  ];
  expect(chartOf(answer(columns, [['/', 3]]))).toEqual({
    kind: 'bars',
    heads: ['page', 'views'],
    rows: [{ label: '/', values: [3] }],
  });
  expect(chartOf(answer([['page', 'VARCHAR']], [['/']]))).toBeUndefined();
  expect(chartOf(answer(columns, []))).toBeUndefined();
});

test('rows are sorted by their kind, null last, ties as they were', () => {
  const rows = [[10], [null], [9], [10]];
  expect(orderOf(rows, 0, false)).toEqual([2, 0, 3, 1]);
  expect(orderOf(rows, 0, true)).toEqual([0, 3, 2, 1]);
});

test('cells are written as what they are', () => {
  expect(cellText(null, 'VARCHAR')).toBe('null');
  expect(cellText(0.1 + 0.2, 'DOUBLE')).toBe('0.3');
  expect(cellText('2026-01-02T03:04:05', 'TIMESTAMP')).toBe('2026-01-02 03:04:05');
  expect(cellText(['/', 'a'], 'VARCHAR[]')).toBe('["/","a"]');
  expect(momentOf('2026-01-02T03:04:05.5')).toBe(Date.UTC(2026, 0, 2, 3, 4, 5, 500));
});

test('two columns of one name are both in the record', () => {
  expect(recordOf(answer([['a', 'INTEGER'], ['a', 'INTEGER']], [[1, 2]]), 0)).toEqual({ a: 1, a_2: 2 }); // prettier-ignore
});

test('sessions, errors and values of dimensions lead one level down', () => {
  const session = '5e551011-0000-4000-8000-000000000001';
  expect(leadsTo('session', session)).toEqual({ to: 'sessions', item: session });
  expect(leadsTo('session', 'x')).toBeUndefined();
  expect(leadsTo('country', 'DE')).toEqual({ to: 'events', dimension: 'country', value: 'DE' });
  expect(leadsTo('lcp_p75', 7)).toBeUndefined();
});
