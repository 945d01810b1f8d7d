// The axis of values: where it ends, where its lines are, what stands beside them. Pure.

import { withoutZeros } from '../lib/format';

/** An axis from 0 to `top` with a line at every `step`. */
export interface Axis {
  top: number;
  step: number;
}

const STEPS_MOST = 5;
const SECOND = 1000;
/** Steps of durations from a minute on, ms: those of a clock. */
const CLOCK = [15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400].map(
  (seconds) => seconds * SECOND,
);

interface Limits {
  /** Values are whole numbers, and so are the steps. */
  whole?: boolean | undefined;
  /** Values are durations, ms. */
  lasting?: boolean | undefined;
  /** No value can be above it, such as 1 of a share. */
  most?: number | undefined;
}

/** The axis for values up to `highest`: round steps, at most five of them. */
export function axisFor(highest: number, { whole = false, lasting = false, most }: Limits = {}): Axis {
  if (!(highest > 0)) return { top: 1, step: 1 };
  if (most !== undefined && highest > most * 0.7) return { top: most, step: most / 4 };
  const step = Math.max(stepFor(highest / STEPS_MOST, lasting), whole ? 1 : 0);
  // 0.3 / 0.1 is a little more than 3.
  return { top: Math.ceil(highest / step - 1e-9) * step, step };
}

function stepFor(least: number, lasting: boolean): number {
  if (lasting && least * STEPS_MOST >= 60 * SECOND) {
    const day = CLOCK.at(-1) ?? 1;
    return CLOCK.find((step) => step >= least) ?? day * stepFor(least / day, false);
  }
  const unit = 10 ** Math.floor(Math.log10(least));
  return unit * ([1, 2, 5].find((times) => times * unit >= least * (1 - 1e-9)) ?? 10);
}

/** What stands at a line: 0 without its unit, and no digit that says nothing. */
export function axisText(value: number, format: (value: number) => string): string {
  return value === 0 ? '0' : withoutZeros(format(value));
}

/** About how wide the words of an axis are, px: room is made before anything is drawn. */
export function axisRoom({ top, step }: Axis, format: (value: number) => string): number {
  const texts = Array.from({ length: Math.round(top / step) + 1 }, (_, at) => axisText(at * step, format));
  return Math.ceil(Math.max(...texts.map(({ length }) => length)) * 6.6) + 12;
}
