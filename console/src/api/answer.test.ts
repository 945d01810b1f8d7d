import { expect, test } from 'vitest';
import { Answer, toCsv } from './answer';

const answer = new Answer({
  columns: ['page', 'page_views', 'page_views_previous', 'lcp_p75', 'lcp_p75_previous'],
  rows: [
    ['/', 10, 8, 1200, null],
    [null, 3, 0, 900, 800],
  ],
  samples: [
    [null, 50],
    [null, 3],
  ],
  hints: [{ row: 1, measure: 'lcp_p75', samples: 3, needed: 40 }],
  totals: [13, 1150],
});

test('the rows with most of something come first, of equal ones the earlier, and last those that have none', () => {
  const rows = [...answer.rows, ['/a', null, 0, 900, 0], ['/b', 10, 0, 1500, 0]];
  const four = new Answer({ columns: answer.columns, rows });
  expect(four.most((row) => four.number(row, 'page_views'), 9)).toEqual([0, 3, 1, 2]);
  expect(four.most((row) => four.number(row, 'lcp_p75'), 3)).toEqual([3, 0, 1]);
});

test('a value is found by its row and column, with what stands behind it', () => {
  expect(answer.number(0, 'lcp_p75')).toBe(1200);
  expect(answer.before(1, 'lcp_p75')).toBe(800);
  expect(answer.before(0, 'page')).toBeUndefined();
  expect([answer.samples(0, 'page_views'), answer.samples(0, 'lcp_p75'), answer.samples(1, 'lcp_p75')]).toEqual([
    null,
    50,
    3,
  ]);
  expect(answer.tooFew(0, 'lcp_p75')).toBeUndefined();
  expect(answer.tooFew(1, 'lcp_p75')?.needed).toBe(40);
  expect(answer.total('lcp_p75')).toBe(1150);
});

test('what is not there is null', () => {
  expect(answer.at(7, 'page')).toBeNull();
  expect(answer.at(0, 'nothing')).toBeNull();
  expect(answer.number(0, 'page')).toBeNull();
});

test('a list in a cell is no value', () => {
  const lines = new Answer({ columns: ['error', 'sparkline'], rows: [['a', [1, 2]]] });
  expect(lines.at(0, 'sparkline')).toBeNull();
  expect(lines.cell(0, 'sparkline')).toEqual([1, 2]);
});

test('a CSV has quotes where it must, and no cell that a spreadsheet would run', () => {
  const rows = [
    ['a,b', 1],
    ['say "hi"\n', -2.5],
    ['=HYPERLINK("x")', null],
    ['@cmd', 3],
  ];
  expect(toCsv({ columns: ['name', 'n'], rows })).toBe(
    'name,n\r\n"a,b",1\r\n"say ""hi""\n",-2.5\r\n"\'=HYPERLINK(""x"")",\r\n\'@cmd,3\r\n',
  );
});
