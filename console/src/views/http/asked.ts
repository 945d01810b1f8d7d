// The list of routes as it is asked for, and the sessions that failures lead to.

import { Answer } from '../../api/answer';
import type { Sort } from '../../design/DataTable.svelte';
import { type Filter, filterOn } from '../../state/filters';
import { readSort } from '../../panel/row_order';
import { type Change, place, toSessions } from '../../state/place.svelte';
import { type Asking, special, type Where } from '../../state/questions';
import { LIMIT, type Route, USUAL_SORT } from './routes';

const ORDERS: Record<string, string> = {
  requests: 'requests',
  failure_rate: 'failure_rate',
  affected_sessions: 'affected_sessions',
  failures: 'failures',
  http_4xx: 'failures',
  http_5xx: 'failures',
  network_errors: 'failures',
};
/** What requests are answered with that did not fail, near enough: a filter has no "400 and more, or no answer". */
const FINE = ['200', '201', '204', '304'];

/** Filters that leave what is of a route. */
export function filtersOf({ host, route, method }: Route): Filter[] {
  return [filterOn('http_host', host), filterOn('http_url', route), filterOn('http_method', method)];
}

/** The way to the sessions in which requests of a route failed. */
export function toFailures(route: Route): Change {
  return toSessions(...filtersOf(route), { dimension: 'http_status', op: 'is_not', values: FINE });
}

export function chosenSort(): Sort {
  return readSort(place.more('sort'), USUAL_SORT);
}

/** The routes of the viewer's scope, the first of their order where there are more than can be listed. */
export function routes(where: Where[] = []): Asking<Answer> | null {
  const order = ORDERS[chosenSort().by] ?? 'requests';
  const asking = special('http-routes', { order, limit: LIMIT }, { where });
  return asking && { ...asking, read: (form) => withSamples(asking.read(form)) };
}

/** With the traces as what durations stand on. */
function withSamples(answer: Answer): Answer {
  const durations = answer.columns.filter((name) => name.startsWith('duration_')).length;
  const samples = answer.rows.map((_, row) => Array<number | null>(durations).fill(answer.number(row, 'traces')));
  return new Answer({ ...answer.form, samples });
}
