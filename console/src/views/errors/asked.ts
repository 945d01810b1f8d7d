// The list of groups as it is asked for: its parts ask the same and so share one answer.

import type { Answer } from '../../api/answer';
import type { Sort } from '../../design/DataTable.svelte';
import { readSort } from '../../panel/row_order';
import { place } from '../../state/place.svelte';
import { type Asking, special } from '../../state/questions';
import { LIMIT, USUAL_SORT } from './groups';

const BUCKETS = 24;
const ORDERS = ['count', 'sessions', 'users', 'first_seen', 'last_seen'];

export function chosenSort(): Sort {
  return readSort(place.more('sort'), USUAL_SORT);
}

/** The groups of the viewer's scope, the first of their order where there are more than can be listed. */
export function groups(sought = ''): Asking<Answer> | null {
  const { by } = chosenSort();
  const order = ORDERS.includes(by) ? by : 'sessions';
  const where = sought === '' ? [] : [{ dimension: 'error_title', op: 'contains' as const, values: [sought] }];
  return special('errors', { order, limit: LIMIT, buckets: BUCKETS }, { where });
}
