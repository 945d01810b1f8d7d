// What the overview's chart can show.

import { VITAL_NAMES } from '../../lib/vitals';
import { atPercentile } from '../../state/questions';

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

/** How the groups of errors are asked for, once for all panels. */
export const ERRORS = { order: 'sessions', limit: 6, buckets: 24 };
