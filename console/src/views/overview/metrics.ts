// What the overview's chart can show, and what its panels ask for together.

import { VITAL_NAMES } from '../../lib/vitals';
import { atPercentile, type Wanted } from '../../state/questions';

/** The numbers of traffic, in their order. */
export const TRAFFIC = ['page_views', 'sessions', 'users', 'error_session_rate', 'http_error_rate', 'bounce_rate'];

/** By their names in the address; the vitals without a statistic, which is the viewer's percentile. */
export const METRICS: string[] = [...TRAFFIC, ...VITAL_NAMES, 'score'];

/** The score, and of each vital its value at the viewer's percentile and how its samples are rated: asked in one question. */
export function vitalMeasures(): string[] {
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

/** How the groups of errors are asked for, once for all panels. */
export const ERRORS = { order: 'sessions', limit: 6, buckets: 24 };
