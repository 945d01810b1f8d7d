import { expect, test } from 'vitest';

import { formatPlace, parsePlace, START } from '../../state/url';
import { formatRoute, parseRoute, type Route, whereOf } from './routes';

const ROUTES: Route[] = [
  { method: 'GET', host: 'api.shop.example', route: '/v1/products/:id' },
  { method: 'POST', host: 'localhost:8080', route: '/' },
  { method: null, host: null, route: null },
  { method: 'get', host: 'a/b', route: 'no slash' },
  { method: '[', host: '"', route: '/../..//%2e%2E/?x#y' },
  { method: 'GET', host: '..', route: '/x' },
  { method: 'GET', host: '', route: '' },
  { method: 'GET', host: 'a.example', route: '/a//b/' },
  { method: 'GET', host: 'a.example', route: '/<img src=x>/\u202e' },
];

test.each(ROUTES)('a route comes back from an address as it was: $method $host $route', (route) => {
  const item = formatRoute(route);
  const address = new URL(formatPlace({ ...START, monitor: 'shop', view: 'http', item }), 'http://x.example');
  expect(parseRoute(parsePlace(address.pathname, address.search).item)).toEqual(route);
});

test('the usual route is readable in the address', () => {
  expect(formatRoute(ROUTES[0] as Route)).toBe('GET/api.shop.example/v1/products/:id');
});

test.each(['', 'GET', 'GET/host', '[1', '[', '/x'])('what names no route is none: %s', (item) => {
  expect(parseRoute(item)).toBe(null);
});

test('what a request was recorded without is asked for as such', () => {
  expect(whereOf({ method: 'GET', host: null, route: '/x' })).toEqual([
    { dimension: 'http_host', op: 'is_null', values: [] },
    { dimension: 'http_url', op: 'is', values: ['/x'] },
    { dimension: 'http_method', op: 'is', values: ['GET'] },
  ]);
});
