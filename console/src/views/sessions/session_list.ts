// The list of sessions as it is asked for: what the address says of its order and of what it is limited to.

import type { Answer } from '../../api/answer';
import { place } from '../../state/place.svelte';
import { type Asking, special } from '../../state/questions';

/** What the list can be limited to, as the API names it. */
export const LIMITS = [
  { value: '', label: 'All' },
  { value: 'errors', label: 'With errors' },
  { value: 'failures', label: 'Failed requests' },
  { value: 'slow', label: 'Slow' },
  { value: 'bounced', label: 'Bounced' },
  { value: 'recorded', label: 'Recorded' },
];

/** The columns by which the API can put them in order. */
export const FIGURES = ['began', 'duration', 'events', 'page_views', 'js_errors', 'http_errors', 'lcp_max', 'inp_max'];

export const ROWS = 50;
export const ROWS_MAX = 1000;

export interface Listed {
  by: string;
  desc: boolean;
  only: string;
  rows: number;
}

/** `order` is a column, led by a minus where it ascends. */
export function listed(): Listed {
  const order = place.more('order', 'began');
  const by = order.replace(/^-/, '');
  const only = place.more('only');
  const rows = Number(place.more('rows'));
  return {
    by: FIGURES.includes(by) ? by : 'began',
    desc: !order.startsWith('-'),
    only: LIMITS.some(({ value }) => value === only) ? only : '',
    rows: Number.isInteger(rows) && rows > ROWS ? Math.min(rows, ROWS_MAX) : ROWS,
  };
}

export function sessionsQuestion(): Asking<Answer> | null {
  const { by, desc, only, rows } = listed();
  return special('sessions', { order: by, desc, limit: rows, ...(only !== '' && { only: [only] }) });
}
