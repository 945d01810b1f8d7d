// A session's events page by page: each page with an axis of its own, which begins with its view. Pure.
// Clients say whole seconds for when, and milliseconds within a load: what a load says of itself is where its bars are.

import { type Kind, kindOf, type RumEvent, vitalOf } from '../../lib/events';
import type { Vital } from '../../lib/vitals';

/** An event on the axis of its page. */
export interface Line {
  event: RumEvent;
  /** Milliseconds behind the page's view. */
  start: number;
  /** Milliseconds; 0 is a moment. */
  length: number;
  section: Section;
}

/** All that happened on one page view. */
export interface Section {
  key: string;
  /** The page; null for what came before any view. */
  page: string | null;
  title: string | null;
  /** Epoch ms of its beginning, and of what came next. */
  begin: number;
  end: number;
  /** Milliseconds that its axis shows. */
  extent: number;
  lines: Line[];
  /** The vitals it had, as they were last told. */
  vitals: Map<Vital, RumEvent>;
}

const NO_LOAD_MS = 1000;
/** A stretch that one stuck request makes would hide all others. */
const EXTENT_MAX = 30_000;

export function sectionsOf(events: readonly RumEvent[]): Section[] {
  const sections: Section[] = [];
  const traces = durationsByTrace(events);
  let current: Section | undefined;
  let document = 0; // when the page was loaded that routes change within
  for (const event of events) {
    if (current === undefined || event.type === 'page_view_event') {
      if (current === undefined || !leadsTo(current, event)) sections.push((current = newSection(event)));
      else [current.page, current.title] = [event.page, event.title];
    }
    const section = homeOf(event, current, sections);
    if (event.type === 'performance_navigation_event' && event.navigation_type !== null) document = section.begin;
    section.lines.push({ event, section, ...placeOf(event, section, document, traces) });
    const vital = vitalOf(event.type);
    if (vital !== undefined) section.vitals.set(vital, event);
  }
  const last = events.at(-1)?.time ?? 0;
  sections.forEach((section, at) => {
    section.end = Math.max(section.begin, sections[at + 1]?.begin ?? last);
    section.extent = extentOf(section);
    // Stable: what began together stays in the order it was told.
    section.lines.sort((one, other) => one.start - other.start);
  });
  return sections;
}

const AT_ONCE_MS = 2000;

/** What begins a session comes right before its first view, and stands with it. */
function leadsTo(section: Section, view: RumEvent): boolean {
  return section.page === null && view.time - section.begin <= AT_ONCE_MS;
}

function newSection(event: RumEvent): Section {
  const viewed = event.type === 'page_view_event';
  return {
    key: event.id,
    page: viewed ? event.page : null,
    title: viewed ? event.title : null,
    begin: event.time,
    end: event.time,
    extent: 0,
    lines: [],
    vitals: new Map(),
  };
}

/** A vital is told when the page is left, and may come behind the view of the next one: it names the page it is of. */
function homeOf(event: RumEvent, current: Section, sections: readonly Section[]): Section {
  if (event.page === null || event.page === current.page || event.type === 'page_view_event') return current;
  return sections.findLast((section) => section.page === event.page) ?? current;
}

function durationsByTrace(events: readonly RumEvent[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { type, trace_id, duration } of events) {
    if (type === 'xray_trace_event' && trace_id !== null && duration !== null) found.set(trace_id, duration);
  }
  return found;
}

function placeOf(
  event: RumEvent,
  section: Section,
  document: number,
  traces: ReadonlyMap<string, number>,
): { start: number; length: number } {
  const since = Math.max(0, event.time - section.begin);
  switch (event.type) {
    case 'performance_navigation_event':
      return { start: 0, length: event.duration ?? 0 };
    case 'performance_resource_event': {
      const told = event.start_time === null ? since : document + event.start_time - section.begin;
      return { start: document === 0 || told < 0 ? since : told, length: event.duration ?? 0 };
    }
    case 'largest_contentful_paint_event':
    case 'first_contentful_paint_event':
    case 'time_to_first_byte_event':
      return { start: event.value ?? since, length: 0 };
    case 'interaction_to_next_paint_event':
    case 'first_input_delay_event':
      return { start: since, length: event.value ?? 0 };
    case 'http_event':
      return { start: since, length: traces.get(event.trace_id ?? '') ?? 0 };
    default:
      return { start: since, length: event.duration ?? 0 };
  }
}

/** As far as the load goes; of a page without one, as far as anything does. */
function extentOf(section: Section): number {
  const ends = (kinds: Kind[]): number[] =>
    section.lines.filter(({ event }) => kinds.includes(kindOf(event.type))).map(({ start, length }) => start + length);
  const paints = section.lines
    .filter(
      ({ event, length }) =>
        kindOf(event.type) === 'vital' && length === 0 && event.type !== 'cumulative_layout_shift_event',
    )
    .map(({ start }) => start);
  const load = Math.max(0, ...ends(['load']), ...paints);
  return nice(Math.min(EXTENT_MAX, load > 0 ? load : Math.max(NO_LOAD_MS, section.end - section.begin)));
}

const ROUND = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10];

/** The next length that an axis can have whose quarters are short to say. */
export function nice(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return Math.round((ROUND.find((each) => each * unit >= value) ?? 10) * unit);
}

const CLOCK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800];

/** Steps of an axis of a whole session, about five of them, as a clock has them. Milliseconds. */
export function clockStep(length: number): number {
  return (CLOCK_STEPS.find((seconds) => seconds * 5000 >= length) ?? 86_400) * 1000;
}

/** A line of the timeline: the head of a page, or an event under it. */
export type Row = { key: string; section: Section; line?: Line };

/** Heads and events of the chosen kinds, in order; a page without any of them is left out. */
export function rowsOf(sections: readonly Section[], kinds: readonly Kind[]): Row[] {
  const rows: Row[] = [];
  for (const section of sections) {
    const lines =
      kinds.length === 0 ? section.lines : section.lines.filter(({ event }) => kinds.includes(kindOf(event.type)));
    if (lines.length === 0) continue;
    rows.push({ key: `page ${section.key}`, section });
    for (const line of lines) rows.push({ key: line.event.id, section, line });
  }
  return rows;
}

/** How many events there are of each kind. */
export function countKinds(events: readonly RumEvent[]): Map<Kind, number> {
  const counts = new Map<Kind, number>();
  for (const { type } of events) counts.set(kindOf(type), (counts.get(kindOf(type)) ?? 0) + 1);
  return counts;
}
