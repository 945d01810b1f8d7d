import { expect, test } from 'vitest';
import { optionOf, pieces, type TimeDrawing } from './time_option';

const drawn = { times: [0, 10, 20, 30], width: 10, from: 0, now: 100 };

test('a time that is not over is a stretch of its own', () => {
  expect(pieces(drawn, [1, 2, 3, 4])).toEqual([[1, 2, 3, 4]]);
  expect(pieces({ ...drawn, now: 35 }, [1, 2, 3, 4])).toEqual([
    [1, 2, 3, null],
    [null, null, 3, 4],
  ]);
});

test('where the time that is not over has no value there is no stretch to it', () => {
  expect(pieces({ ...drawn, now: 35 }, [1, 2, 3, null])).toEqual([[1, 2, 3, null]]);
});

test('a first bucket that the range cuts is a stretch of its own too', () => {
  expect(pieces({ ...drawn, from: 4, now: 35 }, [1, 2, 3, 4])).toEqual([
    [null, 2, 3, null],
    [1, 2, null, null],
    [null, null, 3, 4],
  ]);
});

function topOf(values: number[], bands: TimeDrawing['bands']): number | undefined {
  const series = [{ name: 'x', values }];
  const option = optionOf(
    { ...drawn, to: 40, series, kind: 'line', whole: false, format: String, bands },
    (name) => name,
  );
  return (option.yAxis as { max?: number }).max;
}

test('bands are in sight up to the border that the values come near to', () => {
  const bands = { good: 2500, poor: 4000 };
  expect(topOf([900], bands)).toBeGreaterThanOrEqual(2500);
  expect(topOf([900], bands)).toBeLessThan(4000);
  expect(topOf([2600], bands)).toBeGreaterThan(4000);
  expect(topOf([9000], bands)).toBeGreaterThan(9000);
});

test('nothing at all is drawn on an axis from 0 to 1', () => {
  expect(topOf([], undefined)).toBe(1);
  expect(topOf([0, 0], undefined)).toBe(1);
});
