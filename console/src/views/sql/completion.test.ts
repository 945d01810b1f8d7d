// What is proposed at a caret fits what stands around it.

import { expect, test } from 'vitest';
import { proposalsAt, type ViewTold } from './completion';

const column = (name: string): ViewTold['columns'][number] => ({ name, type: 'VARCHAR', meaning: name });
const views: ViewTold[] = [
  { name: 'events', meaning: 'all', columns: ['time', 'page', 'details'].map(column) },
  { name: 'errors', meaning: 'errors', columns: ['time', 'error', 'error_title'].map(column) },
];

/** The text has a bar where the caret is. */
function proposed(marked: string, asked = false): string[] {
  const place = marked.indexOf('|');
  const found = proposalsAt(marked.replace('|', ''), place, views, asked);
  return found?.list.map(({ text }) => text) ?? [];
}

test('after FROM and JOIN stand views, and what WITH names', () => {
  expect(proposed('SELECT 1 FROM |', true)).toEqual(['events', 'errors']);
  expect(proposed('WITH few AS (SELECT 1) SELECT * FROM e JOIN fe|')).toEqual(['few']);
});

test('columns are those of the views that the statement reads', () => {
  expect(proposed('SELECT err| FROM errors')).toEqual(['error', 'error_title', 'errors']);
  expect(proposed('SELECT det| FROM errors')).toEqual([]);
});

test('behind a dot stand the columns of what is before it', () => {
  expect(proposed('SELECT e.| FROM errors AS e')).toEqual(['time', 'error', 'error_title']);
  expect(proposed('SELECT e.ti| FROM events e')).toEqual(['time']);
  expect(proposed('SELECT x.| FROM events e')).toEqual([]);
});

test('functions and words of SQL are proposed, and what has the letters within comes last', () => {
  expect(proposed('SELECT quan| FROM events')).toEqual(['quantile_cont']);
  expect(proposed('SELECT title| FROM errors')).toEqual(['error_title']);
});

test.each(["SELECT 'ev|", 'SELECT 1 -- ev|', 'SELECT 12|', 'SELECT |', 'SELECT "ti|'])(
  'nothing is proposed in %s',
  (text) => {
    expect(proposed(text)).toEqual([]);
  },
);
