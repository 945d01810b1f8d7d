// A route of requests: its name in the address, and its filters. Pure.

import type { Answer } from '../../api/answer';
import type { Where } from '../../state/questions';

/** What a request was recorded without is null. */
export interface Route {
  host: string | null;
  route: string | null;
  method: string | null;
}

export const LIMIT = 200;
export const USUAL_SORT = 'failures';

/** Filters that traces, which durations come from, do not know. */
export const OF_REQUESTS = ['http_url', 'http_host', 'error_type', 'type'];

// ── In the address ──────────────────────────────────────────────────────────────────────────────────────────────────

const DOTS = /(^|\/)\.{1,2}(\/|$)/;

/** `GET/api.example/v1/cart/:id`. Whatever would not come back from an address as it was stands there as JSON. */
export function formatRoute({ host, route, method }: Route): string {
  const plain =
    /^[A-Z]+$/.test(method ?? '') &&
    /^[\w.:-]+$/.test(host ?? '') &&
    route?.startsWith('/') &&
    !DOTS.test(`/${host}${route}`);
  if (plain) return `${method}/${host}${route}`;
  return JSON.stringify([method, host, route]).replaceAll('/', '\\u002f');
}

/** The route of a name in the address; null where it names none. */
export function parseRoute(item: string): Route | null {
  if (item.startsWith('[')) {
    try {
      const [method, host, route] = JSON.parse(item) as unknown[];
      return { method: textOf(method), host: textOf(host), route: textOf(route) };
    } catch {
      return null;
    }
  }
  const found = /^([^/]+)\/([^/]+)(\/[^]*)$/.exec(item);
  return found === null ? null : { method: found[1] ?? '', host: found[2] ?? '', route: found[3] ?? '' };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

// ── Asked for ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Filters that leave the requests of a route alone. */
export function whereOf({ host, route, method }: Route): Where[] {
  const wanted: [string, string | null][] = [
    ['http_host', host],
    ['http_url', route],
    ['http_method', method],
  ];
  return wanted.map(([dimension, value]) =>
    value === null ? { dimension, op: 'is_null', values: [] } : { dimension, op: 'is', values: [value] },
  );
}

export function routeOf(answer: Answer, row: number): Route {
  const value = (column: string): string | null => {
    const cell = answer.at(row, column);
    return cell === null ? null : String(cell);
  };
  return { host: value('host'), route: value('route'), method: value('method') };
}

export function routeText({ method, route }: Route): string {
  return `${method ?? ''} ${route ?? '(no address)'}`.trim();
}
