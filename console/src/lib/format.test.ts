import { expect, test } from 'vitest';
import * as format from './format';
import { changeOf, formatMeasure, measureNamed, rateMeasure } from './measures';
import { formatAgo, formatBucket, formatSpan, formatUtc, HOUR } from './time';
import { dimensionLabel, formatValue } from './dimensions';

test.each([
  [0, '0'],
  [7, '7'],
  [2.5, '2.5'],
  [1234, '1,234'],
  [9999, '9,999'],
  [12_345, '12.3k'],
  [999_499, '999k'],
  [999_500, '1.00M'],
  [4_560_000, '4.56M'],
  [-12_345, '-12.3k'],
  [7.1e9, '7.10B'],
])('the count %d is %s', (value, text) => expect(format.formatCount(value, 'en')).toBe(text));

test.each([
  [0, '0 ms'],
  [0.42, '0.4 ms'],
  [178.4, '178 ms'],
  [999.4, '999 ms'],
  [999.6, '1.00 s'],
  [1635, '1.64 s'],
  [59_994, '60.0 s'],
  [60_000, '1 min'],
  [125_000, '2 min 5 s'],
  [3_840_000, '1 h 4 min'],
  [3 * 86_400_000, '3 d'],
])('%d ms are %s', (value, text) => expect(format.formatDuration(value, 'en')).toBe(text));

test.each([
  [0, '0%'],
  [0.00001, '<0.01%'],
  [0.0004, '0.04%'],
  [0.021, '2.1%'],
  [0.63, '63%'],
  [0.9996, '100%'],
  [1, '100%'],
])('the share %d is %s', (value, text) => expect(format.formatShare(value, 'en')).toBe(text));

test('a change is a share of what was before, and a multiple where it is large', () => {
  expect(format.formatChange(112, 100, 'en')).toBe('+12%');
  expect(format.formatChange(96.6, 100, 'en')).toBe('−3.4%');
  expect(format.formatChange(1200, 100, 'en')).toBe('×12.0');
  expect(format.formatChange(100, 100, 'en')).toBe('0%');
  expect(format.formatChange(5, 0, 'en')).toBeNull();
});

test('a change of a share is in points', () => {
  expect(format.formatPoints(0.046, 0.064, 'en')).toBe('−1.8 pp');
  expect(format.formatPoints(0.5, 0.5, 'en')).toBe('0.00 pp');
});

test('a change is good or bad by what the measure is, not by its direction', () => {
  expect(changeOf('page_views', 110, 100, 'en')).toEqual({ text: '+10%', mood: 'better' });
  expect(changeOf('lcp_p75', 2200, 2000, 'en')).toEqual({ text: '+10%', mood: 'worse' });
  expect(changeOf('bounce_rate', 0.4, 0.5, 'en')?.mood).toBe('better');
  expect(changeOf('events', 110, 100, 'en')?.mood).toBe('neutral');
  expect(changeOf('lcp_p75', null, 2000)).toBeNull();
  expect(changeOf('lcp_p75', 2000, undefined)).toBeNull();
});

test('a measure is written in its unit, known by name or not', () => {
  expect(formatMeasure('lcp_p99', 1635, 'en')).toBe('1.64 s');
  expect(formatMeasure('cls_p75', 0.0514, 'en')).toBe('0.051');
  expect(formatMeasure('cls_p75', 0.3, 'en')).toBe('0.30');
  expect(formatMeasure('lcp_good', 0.91, 'en')).toBe('91%');
  expect(formatMeasure('score', 95.6, 'en')).toBe('96');
  expect(formatMeasure('js_errors_per_session', 0.058, 'en')).toBe('0.058');
  expect(formatMeasure('lcp_p75', null)).toBe('–');
  expect(measureNamed('lcp_needs_improvement').label).toBe('LCP needs improvement');
  expect(measureNamed('something_new').label).toBe('Something new');
});

test('a value on a border is in the better band', () => {
  expect(rateMeasure('lcp_p75', 2500)).toBe('good');
  expect(rateMeasure('lcp_p75', 2501)).toBe('needs-improvement');
  expect(rateMeasure('cls_p75', 0.26)).toBe('poor');
  expect(rateMeasure('page_views', 3)).toBeUndefined();
  expect(rateMeasure('lcp_p75', null)).toBeUndefined();
});

test('times are of the viewer’s zone, with UTC beside', () => {
  const reader = { locale: 'en-GB', zone: 'Europe/Berlin' };
  const noon = Date.UTC(2026, 10, 25, 12);
  expect(formatBucket(noon, HOUR, reader)).toBe('Wed 25 Nov, 13:00 – 14:00');
  expect(formatBucket(Date.UTC(2026, 10, 24, 23), 24 * HOUR, reader)).toBe('Wed 25 Nov');
  expect(formatUtc(noon)).toBe('2026-11-25 12:00:00 UTC');
  expect(formatSpan(Date.UTC(2026, 10, 23, 23), Date.UTC(2026, 10, 25, 23), reader)).toBe('24 Nov – 25 Nov');
  expect(formatSpan(noon, noon + HOUR, reader)).toBe('25 Nov, 13:00 – 14:00');
});

test('an age has one unit, and the future is now', () => {
  expect(formatAgo(0, 40_000)).toBe('40 s ago');
  expect(formatAgo(0, 3 * HOUR)).toBe('3 h ago');
  expect(formatAgo(10, 0)).toBe('now');
});

test('values of dimensions are words where words are known, and themselves else', () => {
  expect(formatValue('device', 'mobile')).toBe('Mobile');
  expect(formatValue('country', 'not a code')).toBe('not a code');
  expect(formatValue('page', null)).toBe('(none)');
  expect(formatValue('title', '<img src=x onerror=alert(1)>')).toBe('<img src=x onerror=alert(1)>');
  expect(dimensionLabel('attribute:plan')).toBe('plan');
});

test('what is told in whole seconds is written in whole seconds', () => {
  expect([0, 2000, 59_499, 60_000, 125_000].map((ms) => format.formatLasting(ms))).toEqual([
    '0 s',
    '2 s',
    '59 s',
    '1 min',
    '2 min 5 s',
  ]);
});

test.each([
  ['4.50 s', '4.5 s'],
  ['4.00 s', '4 s'],
  ['80.0k', '80k'],
  ['0.050', '0.05'],
  ['1,500', '1,500'],
  ['100%', '100%'],
  ['1 min 30 s', '1 min 30 s'],
])('%s is %s without zeros that say nothing', (text, short) => expect(format.withoutZeros(text, 'en')).toBe(short));

test('zeros are told from thousands by the language', () => {
  expect(format.withoutZeros('4,50 s', 'de')).toBe('4,5 s');
  expect(format.withoutZeros('1.500', 'de')).toBe('1.500');
});
