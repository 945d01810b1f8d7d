import { expect, test } from 'vitest';
import type { RumEvent } from '../../lib/events';
import { clockStep, countKinds, nice, rowsOf, sectionsOf } from './sections';

const BEGIN = 1_795_000_000_000;
let made = 0;

function event(type: string, after: number, members: Partial<RumEvent> = {}): RumEvent {
  const nothing = { page: null, value: null, duration: null, start_time: null, navigation_type: null, trace_id: null };
  return { id: `e${++made}`, type, time: BEGIN + after, ...nothing, ...members } as RumEvent;
}

function view(page: string, after: number): RumEvent {
  return event('page_view_event', after, { page, title: page.toUpperCase() });
}

function load(page: string, after: number, duration: number): RumEvent {
  return event('performance_navigation_event', after, { page, duration, navigation_type: 'navigate' });
}

test('a page view begins a section that lasts until the next', () => {
  const sections = sectionsOf([view('/', 0), event('dom_event', 3000, { page: '/' }), view('/cart', 8000)]);
  expect(sections.map(({ page, begin, end }) => [page, begin - BEGIN, end - BEGIN])).toEqual([
    ['/', 0, 8000],
    ['/cart', 8000, 8000],
  ]);
});

test('what comes right before the first view stands with it, and what came long before by itself', () => {
  const start = event('session_start_event', 0, { page: '/' });
  expect(sectionsOf([start, view('/', 1000)]).map(({ page, lines }) => [page, lines.length])).toEqual([['/', 2]]);
  expect(sectionsOf([start, view('/', 9000)]).map(({ page, lines }) => [page, lines.length])).toEqual([
    [null, 1],
    ['/', 1],
  ]);
});

test('a vital that is told behind the next view belongs to the page it names', () => {
  const shift = event('cumulative_layout_shift_event', 9000, { page: '/', value: 0.3 });
  const [first, second] = sectionsOf([view('/', 0), view('/cart', 8000), shift]);
  expect(first?.vitals.get('cls')).toBe(shift);
  expect(second?.lines).toHaveLength(1);
});

test('within a load, bars are where the load says', () => {
  const image = event('performance_resource_event', 0, { page: '/', start_time: 300, duration: 500 });
  const paint = event('largest_contentful_paint_event', 0, { page: '/', value: 1900 });
  const [section] = sectionsOf([view('/', 0), load('/', 0, 1200), paint, image]);
  expect(section?.lines.map(({ event: { type }, start, length }) => [type, start, length])).toEqual([
    ['page_view_event', 0, 0],
    ['performance_navigation_event', 0, 1200],
    ['performance_resource_event', 300, 500],
    ['largest_contentful_paint_event', 1900, 0],
  ]);
  expect(section?.extent).toBe(2000);
});

test('on a route within the page, a resource counts from the load of the page', () => {
  const image = event('performance_resource_event', 9000, { page: '/cart', start_time: 8700, duration: 10 });
  const [, second] = sectionsOf([view('/', 0), load('/', 0, 1200), view('/cart', 8000), image]);
  expect(second?.lines[1]?.start).toBe(700);
});

test('a request is as long as its trace', () => {
  const request = event('http_event', 1000, { page: '/', trace_id: 't' });
  const [section] = sectionsOf([
    view('/', 0),
    request,
    event('xray_trace_event', 1000, { trace_id: 't', duration: 80 }),
  ]);
  expect(section?.lines[1]).toMatchObject({ start: 1000, length: 80 });
});

test('kinds are counted, and a page without any of the chosen is left out', () => {
  const events = [view('/', 0), load('/', 0, 5), view('/cart', 1000), event('js_error_event', 1000, { page: '/cart' })];
  expect([...countKinds(events)]).toEqual([
    ['view', 2],
    ['load', 1],
    ['error', 1],
  ]);
  const rows = rowsOf(sectionsOf(events), ['error']);
  expect(rows.map(({ section, line }) => [section.page, line?.event.type])).toEqual([
    ['/cart', undefined],
    ['/cart', 'js_error_event'],
  ]);
});

test('an axis ends with a round number', () => {
  expect([0, 1, 1748, 2001, 2600, 30_000].map(nice)).toEqual([1, 1, 2000, 2400, 3000, 30_000]);
  expect([0, 247_000, 3_600_000].map(clockStep)).toEqual([1000, 60_000, 900_000]);
});
