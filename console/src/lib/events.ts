// What an event is, in words: its kind, its name, what it tells, whether it is bad news. Pure.
// Everything it says comes from strangers' browsers: it is shown as text, never as markup.

import { formatBytes, formatDuration, formatShift } from './format';
import { type Rating, rateVital, type Vital, VITALS } from './vitals';

export type Kind = 'view' | 'load' | 'vital' | 'request' | 'error' | 'interaction' | 'other';

/** An event as the doors `session` and `events` tell it; each type has a few of the members. */
export interface RumEvent {
  id: string;
  time: number;
  type: string;
  received?: number;
  session?: string | null;
  user?: string | null;
  browser?: string | null;
  os?: string | null;
  device?: string | null;
  country?: string | null;
  release?: string | null;
  bot?: string | null;
  page: string | null;
  page_group: string | null;
  title: string | null;
  value: number | null;
  duration: number | null;
  start_time: number | null;
  target: string | null;
  url: string | null;
  url_host: string | null;
  http_method: string | null;
  http_status: number | null;
  first_party: boolean | null;
  transfer_size: number | null;
  file_type: string | null;
  navigation_type: string | null;
  interaction_type: string | null;
  load_state: string | null;
  dom_event: string | null;
  error: string | null;
  error_title: string | null;
  error_type: string | null;
  error_message: string | null;
  trace_id: string | null;
  replay_events: number | null;
  attributes?: Record<string, unknown> | null;
  day: number;
  block: number;
  record: number;
  index: number;
}

/** The rows of a table as events, in their order. */
export function eventsOf(table: { columns: string[]; rows: unknown[][] }): RumEvent[] {
  return table.rows.map(
    (row) => Object.fromEntries(table.columns.map((name, at) => [name, row[at]])) as unknown as RumEvent,
  );
}

export interface KindFacts {
  /** As a heading, in the plural. */
  label: string;
  /** A token of design/tokens.css. */
  colour: string;
}

/** In the order in which they are offered and stacked. */
export const KINDS: Record<Kind, KindFacts> = {
  view: { label: 'Page views', colour: 'series-1' },
  load: { label: 'Loading', colour: 'series-2' },
  vital: { label: 'Web Vitals', colour: 'series-5' },
  request: { label: 'Requests', colour: 'series-4' },
  error: { label: 'Errors', colour: 'poor' },
  interaction: { label: 'Interactions', colour: 'series-3' },
  other: { label: 'Other', colour: 'series-previous' },
};

export const KIND_NAMES = Object.keys(KINDS) as Kind[];

const TYPES: Record<string, { kind: Kind; label: string; vital?: Vital }> = {
  page_view_event: { kind: 'view', label: 'Page view' },
  performance_navigation_event: { kind: 'load', label: 'Page load' },
  performance_resource_event: { kind: 'load', label: 'Resource' },
  largest_contentful_paint_event: { kind: 'vital', label: 'LCP', vital: 'lcp' },
  interaction_to_next_paint_event: { kind: 'vital', label: 'INP', vital: 'inp' },
  cumulative_layout_shift_event: { kind: 'vital', label: 'CLS', vital: 'cls' },
  first_contentful_paint_event: { kind: 'vital', label: 'FCP', vital: 'fcp' },
  time_to_first_byte_event: { kind: 'vital', label: 'TTFB', vital: 'ttfb' },
  first_input_delay_event: { kind: 'vital', label: 'FID' },
  http_event: { kind: 'request', label: 'Request' },
  xray_trace_event: { kind: 'request', label: 'Trace' },
  js_error_event: { kind: 'error', label: 'Error' },
  dom_event: { kind: 'interaction', label: 'DOM event' },
  session_start_event: { kind: 'other', label: 'Session start' },
  rrweb_event: { kind: 'other', label: 'Replay' },
};

function factsOf(type: string): { kind: Kind; label: string; vital?: Vital } {
  return Object.hasOwn(TYPES, type) ? (TYPES[type] as { kind: Kind; label: string }) : { kind: 'other', label: type };
}

export function kindOf(type: string): Kind {
  return factsOf(type).kind;
}

/** "Page view" of page_view_event; a type of the site's own as it was sent. */
export function typeLabel(type: string): string {
  return factsOf(type).label;
}

/** The types of a kind. `other` also has every type that is not named here. */
export function typesOf(kind: Kind): string[] {
  return Object.keys(TYPES).filter((type) => TYPES[type]?.kind === kind);
}

export function vitalOf(type: string): Vital | undefined {
  return factsOf(type).vital;
}

/** Whether something went wrong: a JavaScript error, or a request that failed. */
export function isBad(event: RumEvent): boolean {
  if (event.type === 'js_error_event') return true;
  return event.type === 'http_event' && (event.http_status === null || event.http_status >= 400);
}

/** What happened, in one line: the page, the file, the message. */
export function whatHappened(event: RumEvent): string {
  switch (event.type) {
    case 'page_view_event':
      return event.page ?? '';
    case 'performance_navigation_event':
      return event.navigation_type ?? 'route change';
    case 'performance_resource_event':
      return addressOf(event);
    case 'http_event':
      return `${event.http_method ?? ''} ${addressOf(event)}`.trim();
    case 'js_error_event':
      return [event.error_type, event.error_message].filter(Boolean).join(': ') || (event.error_title ?? '');
    case 'dom_event':
      return [event.dom_event, event.target].filter(Boolean).join(' on ');
    case 'xray_trace_event':
      return event.trace_id ?? '';
    case 'rrweb_event':
      return event.replay_events === null ? '' : `${event.replay_events} records`;
    case 'session_start_event':
      return event.page ?? '';
    default:
      return event.target ?? event.page ?? '';
  }
}

/** Its route, led by the host where that is not the site's own. */
function addressOf(event: RumEvent): string {
  return `${event.first_party === false ? (event.url_host ?? '') : ''}${event.url ?? ''}`;
}

/** What is beside that: a status, a duration, a size, a value. */
export function figureOf(event: RumEvent): string {
  switch (event.type) {
    case 'http_event':
      return event.http_status === null ? 'no answer' : String(event.http_status);
    case 'performance_resource_event':
      return [event.duration === null ? '' : formatDuration(event.duration), sizeOf(event)].filter(Boolean).join(' · ');
    case 'js_error_event':
      return '';
    default:
      if (event.value !== null) return valueText(event);
      return event.duration === null ? '' : formatDuration(event.duration);
  }
}

function sizeOf(event: RumEvent): string {
  return event.transfer_size === null || event.transfer_size === 0 ? '' : formatBytes(event.transfer_size);
}

function valueText(event: RumEvent): string {
  const value = event.value ?? 0;
  const vital = vitalOf(event.type);
  return vital !== undefined && VITALS[vital].unit === 'shift' ? formatShift(value) : formatDuration(value);
}

/** The band of a vital's own value. */
export function bandOf(event: RumEvent): Rating | undefined {
  const vital = vitalOf(event.type);
  return vital === undefined || event.value === null ? undefined : rateVital(vital, event.value);
}

/** The first figures of an id: enough to tell it from its neighbours. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** The id of a user whose client keeps none. */
export const NOBODY = '00000000-0000-0000-0000-000000000000';
