import { expect, test } from 'vitest';
import { formatCount, formatDuration, formatShare } from '../lib/format';
import { type Axis, axisFor, axisRoom, axisText } from './axis';

function texts({ top, step }: Axis, format: (value: number) => string): string[] {
  return Array.from({ length: Math.round(top / step) + 1 }, (_, at) => axisText(at * step, format));
}

test('steps are round, few, and reach the highest value', () => {
  for (const highest of [0.003, 0.28, 1, 3, 7, 48, 155, 999, 4480, 80_451, 1e7]) {
    const { top, step } = axisFor(highest);
    expect(top).toBeGreaterThanOrEqual(highest * (1 - 1e-9));
    expect(top / step).toBeLessThanOrEqual(5 + 1e-9);
    expect(String(Number((step / 10 ** Math.floor(Math.log10(step) + 1e-9)).toPrecision(6)))).toMatch(/^(1|2|5)$/);
  }
});

test('a share is never marked above all', () => {
  expect(texts(axisFor(1, { most: 1 }), formatShare)).toEqual(['0', '25%', '50%', '75%', '100%']);
  expect(axisFor(0.95, { most: 1 }).top).toBe(1);
  expect(axisFor(0.04, { most: 1 }).top).toBeCloseTo(0.04);
});

test('what is counted has whole steps', () => {
  expect(texts(axisFor(2, { whole: true }), formatCount)).toEqual(['0', '1', '2']);
});

test('durations above a minute go by the clock', () => {
  expect(texts(axisFor(150_000, { lasting: true }), formatDuration)).toEqual([
    '0',
    '30 s',
    '1 min',
    '1 min 30 s',
    '2 min',
    '2 min 30 s',
  ]);
  expect(axisFor(3 * 86_400_000, { lasting: true })).toEqual({ top: 3 * 86_400_000, step: 86_400_000 });
});

test('no digit stands there that says nothing', () => {
  expect(texts(axisFor(4480), formatDuration)).toEqual(['0', '1 s', '2 s', '3 s', '4 s', '5 s']);
  expect(texts(axisFor(80_451), formatCount)).toEqual(['0', '20k', '40k', '60k', '80k', '100k']);
});

test('there is room for the longest of its words', () => {
  expect(axisRoom(axisFor(400), (value) => `${value} ms`)).toBeGreaterThan(axisRoom(axisFor(4), String));
});

test('nothing at all is an axis from 0 to 1', () => {
  expect(axisFor(0)).toEqual({ top: 1, step: 1 });
});
