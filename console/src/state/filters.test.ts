import { expect, test } from 'vitest';
import { addFilter, type Filter, filterOn, formatFilter, parseFilter } from './filters';

const germany: Filter = { dimension: 'country', op: 'is', values: ['DE'] };

test('two values of one dimension are alternatives', () => {
  expect(addFilter([germany], filterOn('country', 'FR'))).toEqual([{ ...germany, values: ['DE', 'FR'] }]);
});

test('the same filter twice is one', () => {
  expect(addFilter([germany], filterOn('country', 'DE'))).toEqual([germany]);
});

test('leaving a value out takes back the filter on it', () => {
  const out = filterOn('country', 'DE', true);
  expect(addFilter([germany], out)).toEqual([out]);
  const both = { ...germany, values: ['DE', 'FR'] };
  expect(addFilter([both], out)).toEqual([{ ...germany, values: ['FR'] }, out]);
});

test('filters of other dimensions and operators stay', () => {
  const page: Filter = { dimension: 'page', op: 'contains', values: ['/a'] };
  expect(addFilter([page], germany)).toEqual([page, germany]);
  expect(addFilter([page], filterOn('page', '/b'))).toEqual([page, filterOn('page', '/b')]);
});

test('a row of events without the value filters by that', () => {
  expect(filterOn('country', null)).toEqual({ dimension: 'country', op: 'is_null', values: [] });
  expect(filterOn('country', null, true).op).toBe('is_not_null');
});

test('commas and backslashes of a value part nothing', () => {
  const filter: Filter = { dimension: 'title', op: 'is', values: ['a,b', 'c\\', '\\,d', ''] };
  expect(parseFilter(formatFilter(filter))).toEqual(filter);
});

test('a dot in a value, and a colon in an attribute, belong to them', () => {
  expect(parseFilter('attribute:a:b.is.1.5.0')).toEqual({ dimension: 'attribute:a:b', op: 'is', values: ['1.5.0'] });
});
