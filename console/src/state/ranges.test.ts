// Ranges on a clock that is handed in. The viewer's zone is that of the process; package.json sets it.

import { expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../lib/time';
import {
  bucketWidth,
  formatRange,
  parseRange,
  PRESETS,
  type Preset,
  resolveRange,
  stepRange,
  widthsFor,
} from './ranges';

const now = new Date('2026-11-25T14:23:40').getTime();

test('every preset ends with the present or before, begins at a round time, and is not empty', () => {
  for (const preset of Object.keys(PRESETS) as Preset[]) {
    const { from, to } = resolveRange(preset, now);
    expect(to - from).toBeGreaterThan(0);
    expect(to).toBeLessThanOrEqual(now + MINUTE);
    expect(new Date(from).getSeconds()).toBe(0);
  }
});

test('days begin at the midnight of the viewer', () => {
  const week = resolveRange('7d', now);
  expect(new Date(week.from).getHours()).toBe(0);
  expect(new Date(week.from).getDate()).toBe(19);
  const yesterday = resolveRange('yesterday', now);
  expect(yesterday.to - yesterday.from).toBe(DAY);
});

test('a day of 25 hours is one day', () => {
  const after = new Date('2026-10-26T12:00:00').getTime(); // the day after the clocks of Berlin went back
  const { from, to } = resolveRange('yesterday', after);
  expect(to - from).toBe(25 * HOUR);
  const before = stepRange({ from, to }, -1, after) as { from: number; to: number };
  expect(before.to - before.from).toBe(24 * HOUR);
  expect(new Date(before.from).getHours()).toBe(0);
});

test('a step back and forth comes back to where it began', () => {
  for (const preset of ['1h', '24h', 'today', '7d', '28d', 'live'] as Preset[]) {
    expect(stepRange(stepRange(preset, -1, now), 1, now)).toBe(preset);
  }
});

test('there is no step into the future', () => {
  expect(stepRange('24h', 1, now)).toBe('24h');
  expect(stepRange('today', 1, now)).toBe('today');
});

test('a range of whole days steps by whole days', () => {
  const before = resolveRange(stepRange('7d', -1, now), now);
  expect(new Date(before.from).getDate()).toBe(12);
  expect(before.to).toBe(resolveRange('7d', now).from);
});

test('a link to a range of one’s own means the same to every reader', () => {
  const range = { from: Date.UTC(2026, 10, 1, 10), to: Date.UTC(2026, 10, 1, 12, 0, 30) };
  expect(formatRange(range)).toBe('2026-11-01T10:00Z..2026-11-01T12:00:30Z');
  expect(parseRange(formatRange(range))).toEqual(range);
});

test('buckets are as narrow as makes a chart of at most 64', () => {
  for (const preset of Object.keys(PRESETS) as Preset[]) {
    const span = resolveRange(preset, now);
    if (preset === '90d') continue; // there is nothing between a day and a week
    expect((span.to - span.from) / bucketWidth(span).ms).toBeLessThanOrEqual(64);
  }
  expect(bucketWidth(resolveRange('24h', now)).name).toBe('1h');
  expect(bucketWidth(resolveRange('7d', now)).name).toBe('3h');
});

test('a chosen width holds where it makes a chart, and only there', () => {
  const week = resolveRange('7d', now);
  expect(bucketWidth(week, '1d').name).toBe('1d');
  expect(bucketWidth(week, '1s').name).toBe('3h');
  expect(widthsFor(week).map(({ name }) => name)).toEqual(['1h', '3h', '6h', '1d']);
});
