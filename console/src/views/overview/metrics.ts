// What the overview's chart can show, and what its panels ask for together.

import type { Answer } from '../../api/answer';
import { VITAL_NAMES, type Vital } from '../../lib/vitals';
import { place } from '../../state/place.svelte';
import { type Asking, atPercentile, question, special, type Wanted } from '../../state/questions';

/** The numbers of traffic, in their order. */
export const TRAFFIC = ['page_views', 'sessions', 'users', 'error_session_rate', 'http_error_rate', 'bounce_rate'];

/** By their names in the address; the vitals without a statistic, which is the viewer's percentile. */
export const METRICS: string[] = [...TRAFFIC, ...VITAL_NAMES, 'score'];

/** The score, and of each vital its value at the viewer's percentile and how its samples are rated: asked in one question. */
function vitalMeasures(): string[] {
  return [
    'score',
    ...VITAL_NAMES.flatMap((vital) => [
      atPercentile(vital),
      `${vital}_good`,
      `${vital}_needs_improvement`,
      `${vital}_poor`,
    ]),
  ];
}

/** What more than one panel tells of, by the measures that all of them show, the one that orders first. */
const SHARED = {
  country: ['sessions', 'lcp'],
  page_group: ['page_views', 'lcp', 'sessions'],
  browser: ['sessions', 'lcp'],
} as const;
export type SharedDimension = keyof typeof SHARED;
export const SHARED_DIMENSIONS = Object.keys(SHARED) as SharedDimension[];

/** The one question of a dimension that all its panels ask: each shows as much of the answer as it has room for. */
export function sharedBy(dimension: SharedDimension): Wanted {
  const measures = SHARED[dimension].map((measure) => (measure === 'lcp' ? atPercentile('lcp') : measure));
  return { measures, by: [dimension], limit: 300, compare: 'always' };
}

/** How many groups of errors there is room for. */
export const ERRORS = 6;

/** What several panels ask, once for all of them. */
export const ASKED = {
  vitals: () => question({ measures: vitalMeasures(), compare: 'always' }),
  traffic: () => question({ measures: TRAFFIC, compare: 'always' }),
  errors: () => special('errors', { order: 'sessions', limit: ERRORS, buckets: 24 }),
  overTime: () => question({ measures: [chartedMeasure()], by: ['time'], limit: 1000 }),
} satisfies Record<string, () => Asking<Answer> | null>;

/** The metric of the chart, by its name in the address. */
export function chartedMetric(): string {
  return METRICS.includes(place.more('metric')) ? place.more('metric') : 'page_views';
}

export function chartedMeasure(): string {
  const metric = chartedMetric();
  return (VITAL_NAMES as string[]).includes(metric) ? atPercentile(metric as Vital) : metric;
}

/** The questions that take longest, to be begun before there are panels for their answers: all of them are asked by one. */
export function slowestQuestions(): (Asking<Answer> | null)[] {
  const shared = SHARED_DIMENSIONS.map((dimension) => question(sharedBy(dimension)));
  return [...Object.values(ASKED).map((make) => make()), ...shared];
}
