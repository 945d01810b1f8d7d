import { expect, test } from 'vitest';
import { Answer } from '../../api/answer';
import { ofErrors, ofTheWhole, ofValues, strongest } from './changes';

const traffic = (now: number, before: number, rate = 0.05, rateBefore = 0.05): Answer =>
  new Answer({
    columns: ['sessions', 'sessions_previous', 'error_session_rate', 'error_session_rate_previous'],
    rows: [[now, before, rate, rateBefore]],
  });
const vitals = (now: number, before: number, samples: number): Answer =>
  new Answer({ columns: ['lcp_p75', 'lcp_p75_previous'], rows: [[now, before]], samples: [[samples]] });
const names = (found: ReturnType<typeof ofTheWhole>): string[] =>
  strongest(found, 6).map(({ about }) => (about.kind === 'measure' ? about.measure : about.kind));

test('what chance does is no change, and what it does not is one', () => {
  expect(names(ofTheWhole(traffic(1020, 1000), vitals(2000, 1980, 2000)))).toEqual([]);
  expect(names(ofTheWhole(traffic(1020, 1000, 0.12), vitals(2600, 2000, 2000)))).toEqual([
    'lcp_p75',
    'error_session_rate',
  ]);
});

test('the same change of a timing on few samples is none', () => {
  expect(names(ofTheWhole(traffic(1000, 1000), vitals(2600, 2000, 40)))).toEqual([]);
});

test('where nothing was before there is nothing to compare with', () => {
  expect(ofTheWhole(traffic(1000, 0), vitals(2600, 2000, 2000))).toEqual([]);
});

test('a value is told where it does other than the whole', () => {
  const countries = new Answer({
    columns: ['country', 'sessions', 'sessions_previous'],
    rows: [
      ['DE', 600, 300],
      ['FR', 300, 300],
      ['NL', 20, null],
    ],
  });
  const found = strongest(ofValues(countries, 'sessions', { now: 1200, before: 600 }), 6);
  expect(found.map(({ about }) => about.kind === 'value' && about.value)).toEqual(['FR', 'NL']);
});

test('of many values those with most are looked at, whatever the answer is ordered by', () => {
  const rows = Array.from({ length: 60 }, (_, at) => [`/${at}`, 6000 - at, 100 + at, 10]);
  const pages = new Answer({ columns: ['page_group', 'page_views', 'sessions', 'sessions_previous'], rows });
  const found = ofValues(pages, 'sessions', { now: 100, before: 100 });
  expect(found.map(({ now }) => now)).toEqual(Array.from({ length: 40 }, (_, at) => 159 - at));
});

test('of one kind no more than two are told, new errors by how many meet them', () => {
  const errors = new Answer({
    columns: ['error', 'title', 'sessions', 'new'],
    rows: [
      ['a', 'A', 2, true],
      ['b', 'B', 40, true],
      ['c', 'C', 9, true],
      ['d', 'D', 99, false],
    ],
  });
  expect(strongest(ofErrors(errors), 6).map(({ about }) => about.kind === 'error' && about.error)).toEqual(['b', 'c']);
});
