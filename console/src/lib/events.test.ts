import { expect, test } from 'vitest';
import { bandOf, eventsOf, figureOf, isBad, kindOf, type RumEvent, typeLabel, typesOf, whatHappened } from './events';

function event(type: string, members: Partial<RumEvent> = {}): RumEvent {
  const nothing = { page: null, value: null, duration: null, transfer_size: null, target: null, http_status: null };
  return { type, ...nothing, ...members } as RumEvent;
}

test('rows become events by the names of their columns', () => {
  expect(eventsOf({ columns: ['id', 'type'], rows: [['a', 'dom_event']] })).toEqual([{ id: 'a', type: 'dom_event' }]);
});

test('a type of the site itself is called what it was sent as', () => {
  expect([typeLabel('shop.checkout'), kindOf('shop.checkout')]).toEqual(['shop.checkout', 'other']);
  expect([typeLabel('constructor'), kindOf('__proto__')]).toEqual(['constructor', 'other']);
  expect(typesOf('error')).toEqual(['js_error_event']);
});

test('errors and requests that failed or were not answered are bad', () => {
  expect(isBad(event('js_error_event'))).toBe(true);
  expect([200, 304, 404, 503, null].map((http_status) => isBad(event('http_event', { http_status })))).toEqual([
    false,
    false,
    true,
    true,
    true,
  ]);
  expect(isBad(event('page_view_event'))).toBe(false);
});

test('a line says what happened', () => {
  const request = { http_method: 'POST', url: '/cart/:id', url_host: 'api.shop.example' };
  expect(whatHappened(event('http_event', { ...request, first_party: false }))).toBe('POST api.shop.example/cart/:id');
  expect(whatHappened(event('http_event', { ...request, first_party: true }))).toBe('POST /cart/:id');
  expect(whatHappened(event('js_error_event', { error_type: 'TypeError', error_message: 'x is null' }))).toBe(
    'TypeError: x is null',
  );
  expect(whatHappened(event('dom_event', { dom_event: 'click', target: '#buy' }))).toBe('click on #buy');
});

test('a figure stands beside it, and a vital has its band', () => {
  expect(figureOf(event('http_event', { http_status: 503 }))).toBe('503');
  expect(figureOf(event('http_event'))).toBe('no answer');
  expect(figureOf(event('cumulative_layout_shift_event', { value: 0.0621 }))).toBe('0.062');
  expect(bandOf(event('largest_contentful_paint_event', { value: 4001 }))).toBe('poor');
  expect(bandOf(event('first_input_delay_event', { value: 9 }))).toBeUndefined();
});
