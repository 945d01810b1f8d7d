// The Web Vitals: names, web.dev's thresholds, ratings. Pure.

export type Vital = 'lcp' | 'inp' | 'cls' | 'fcp' | 'ttfb';

/** How a value is rated. */
export type Rating = 'good' | 'needs-improvement' | 'poor';

export interface VitalFacts {
  short: string;
  name: string;
  unit: 'ms' | 'shift';
  good: number;
  poor: number;
  /** What it tells, in a sentence. */
  meaning: string;
  /** Browsers that report it. */
  browsers: string;
}

export const VITALS: Record<Vital, VitalFacts> = {
  lcp: {
    short: 'LCP',
    name: 'Largest Contentful Paint',
    unit: 'ms',
    good: 2500,
    poor: 4000,
    meaning: 'When the largest picture or text of the page was there to see.',
    browsers: 'Chromium and Firefox, and Safari from 26.2',
  },
  inp: {
    short: 'INP',
    name: 'Interaction to Next Paint',
    unit: 'ms',
    good: 200,
    poor: 500,
    meaning: 'How long the page took to react to a click, a tap or a key.',
    browsers: 'Chromium and Firefox, and Safari from 26.2',
  },
  cls: {
    short: 'CLS',
    name: 'Cumulative Layout Shift',
    unit: 'shift',
    good: 0.1,
    poor: 0.25,
    meaning: 'How much of the page jumped while people looked at it.',
    browsers: 'Chromium alone',
  },
  fcp: {
    short: 'FCP',
    name: 'First Contentful Paint',
    unit: 'ms',
    good: 1800,
    poor: 3000,
    meaning: 'When the first text or picture was there to see.',
    browsers: 'all current browsers',
  },
  ttfb: {
    short: 'TTFB',
    name: 'Time to First Byte',
    unit: 'ms',
    good: 800,
    poor: 1800,
    meaning: 'When the first byte of the page came from the server.',
    browsers: 'all current browsers',
  },
};

export const VITAL_NAMES = Object.keys(VITALS) as Vital[];

/** A value on a threshold is on the better side of it, as web.dev has it. */
export function rate(value: number, good: number, poor: number): Rating {
  return value <= good ? 'good' : value <= poor ? 'needs-improvement' : 'poor';
}

export function rateVital(vital: Vital, value: number): Rating {
  return rate(value, VITALS[vital].good, VITALS[vital].poor);
}

/** Of a score of 0 to 100: 90 and more is good, under 50 is poor. */
export function rateScore(score: number): Rating {
  return score >= 90 ? 'good' : score >= 50 ? 'needs-improvement' : 'poor';
}
