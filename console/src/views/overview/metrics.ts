// What the overview's chart can show.

import { VITAL_NAMES } from '../../lib/vitals';

/** The numbers of traffic, in their order. */
export const TRAFFIC = ['page_views', 'sessions', 'users', 'error_session_rate', 'http_error_rate', 'bounce_rate'];

/** By their names in the address; the vitals without a statistic, which is the viewer's percentile. */
export const METRICS: string[] = [...TRAFFIC, ...VITAL_NAMES, 'score'];
