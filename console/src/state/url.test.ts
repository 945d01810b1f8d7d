// The address holds all state, there and back.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Filter, type Operator, OPERATORS, takesNoValue } from './filters';
import { PRESETS, type Preset, type Range } from './ranges';
import { formatPlace, parsePlace, PERCENTILES, type Place, START } from './url';

function through(place: Place): Place {
  const url = new URL(formatPlace(place), 'http://console.test');
  return parsePlace(url.pathname, url.search);
}

const word = fc.stringMatching(/^[A-Za-z0-9_#-][A-Za-z0-9_.#-]{0,12}$/);
const anyText = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter((text) => text.isWellFormed());
const minutes = fc.integer({ min: 1, max: 30_000_000 }).map((count) => count * 60_000);
const span = fc.tuple(minutes, minutes).map(([from, length]) => ({ from, to: from + length }));
const filter: fc.Arbitrary<Filter> = fc
  .record({
    dimension: fc.constantFrom('country', 'page_group', 'attribute:plan:tier', 'http_status'),
    op: fc.constantFrom(...(Object.keys(OPERATORS) as Operator[])),
    values: fc.array(fc.oneof(anyText, fc.constantFrom('a,b', 'a\\', '\\,', 'a.b', '', '=&#?%+ ')), {
      minLength: 1,
      maxLength: 3,
    }),
  })
  .map((each) => (takesNoValue(each.op) ? { ...each, values: [] } : each));
const range: fc.Arbitrary<Range> = fc.oneof(fc.constantFrom(...(Object.keys(PRESETS) as Preset[])), span);

const place: fc.Arbitrary<Place> = fc.record({
  monitor: word,
  view: fc.constantFrom('overview', 'sessions', 'errors'),
  item: fc.constantFrom('', 'da1a6612842a0434', 'a/b', 'ä ü'),
  range,
  compare: fc.oneof(
    fc.constantFrom('' as const, 'previous' as const, 'week' as const),
    span,
    fc.record({ release: anyText }),
  ),
  filters: fc.array(filter, { maxLength: 3 }),
  percentile: fc.constantFrom(...PERCENTILES),
  device: fc.constantFrom('' as const, 'desktop' as const, 'mobile' as const, 'tablet' as const),
  traffic: fc.constantFrom('humans' as const, 'all' as const, 'bots' as const),
  interval: fc.constantFrom('', '1h', '1d'),
  theme: fc.constantFrom('' as const, 'light' as const, 'dark' as const),
  open: fc.constantFrom('', 'pages', 'pages.sql'),
  more: fc.dictionary(fc.constantFrom('metric', 'slow', 'tab', '__proto__'), anyText, { noNullPrototype: true }),
});

test('every state of the console goes into its address and comes back', () => {
  fc.assert(
    fc.property(place, (each) => void expect(through(each)).toEqual(each)),
    { numRuns: 500 },
  );
});

test('what is as it is anyway is not in the address', () => {
  expect(formatPlace({ ...START, monitor: 'shop', view: 'overview' })).toBe('/console/shop/overview');
  expect(formatPlace(START)).toBe('/console/');
  expect(formatPlace({ ...START, view: 'monitors' })).toBe('/console/monitors');
});

test('an address can be read by people', () => {
  const written = formatPlace({
    ...START,
    monitor: 'shop',
    view: 'overview',
    range: '7d',
    compare: { from: Date.UTC(2026, 10, 1), to: Date.UTC(2026, 10, 2) },
    filters: [
      { dimension: 'country', op: 'is', values: ['DE', 'FR'] },
      { dimension: 'page', op: 'matches', values: ['/products/*'] },
    ],
  });
  expect(written).toBe(
    '/console/shop/overview?range=7d&compare=2026-11-01T00:00Z..2026-11-02T00:00Z&f=country.is.DE,FR&f=page.matches./products/*',
  );
});

test('a monitor of any name has a place of its own', () => {
  for (const monitor of ['monitors', 'assets', 'a#b', 'console']) {
    expect(through({ ...START, monitor, view: 'overview' }).monitor).toBe(monitor);
  }
});

test.each([
  ['?range=never&p=42&device=fridge&traffic=cats&theme=pink&interval=9y', START],
  ['?f=country&f=.is.DE&f=country.loves.DE&f=country.is_null.DE&f=country.is', START],
  ['?range=2026-11-02T00:00Z..2026-11-01T00:00Z&compare=release:', START],
])('what an address says wrongly is as if it were not there: %s', (search, expected) => {
  expect({ ...parsePlace('/console/', search), more: {} }).toEqual(expected);
});

test('a path that is no place of the console, and signs that cannot be decoded, lead to the beginning and no further', () => {
  expect(parsePlace('/elsewhere/shop', '').monitor).toBe('');
  expect(parsePlace('/console/%E0%A4%A/overview', '').monitor).toBe('%E0%A4%A');
});

test('half a pair of surrogates in a value breaks no address', () => {
  expect(() => formatPlace({ ...START, monitor: 'shop', view: 'errors', item: '\ud800' })).not.toThrow();
});
