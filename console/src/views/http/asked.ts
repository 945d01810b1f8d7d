// The list of routes as it is asked for, and the sessions that failures lead to.

import { Answer } from '../../api/answer';
import type { Sort } from '../../design/DataTable.svelte';
import { addFilter, type Filter, filterOn } from '../../state/filters';
import { place } from '../../state/place.svelte';
import { type Asking, special, type Where } from '../../state/questions';
import { LIMIT, type Route } from './routes';

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

/** The viewer's filters, and those that leave the sessions in which requests of a route failed. */
export function failedFilters({ host, route, method }: Route): Filter[] {
  const added = [filterOn('http_host', host), filterOn('http_url', route), filterOn('http_method', method)];
  return [...added, { dimension: 'http_status', op: 'is_not' as const, values: FINE }].reduce(
    addFilter,
    place.current.filters,
  );
}

export function chosenSort(): Sort {
  const [by = '', way] = place.more('sort').split('.');
  return by === '' ? { by: 'failures', desc: true } : { by, desc: way !== 'up' };
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
