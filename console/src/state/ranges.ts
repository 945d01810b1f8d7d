// Ranges of time and what they are compared with: presets, borders, steps back and forth. Pure; the clock is handed in.

import { DAY, HOUR, MINUTE } from '../lib/time';

export type Preset = 'live' | '1h' | '24h' | 'today' | 'yesterday' | '7d' | '14d' | '28d' | '90d';
export type Range = Preset | { from: number; to: number };
export type Compare = '' | 'previous' | 'week' | { from: number; to: number } | { release: string };

export interface Span {
  from: number;
  to: number;
}

export interface PresetFacts {
  label: string;
  key: string;
}

/** Every preset in the order the picker has them, with its key. */
export const PRESETS: Record<Preset, PresetFacts> = {
  live: { label: 'Live, last 30 minutes', key: 'r' },
  '1h': { label: 'Last hour', key: 'o' },
  '24h': { label: 'Last 24 hours', key: 'h' },
  today: { label: 'Today', key: 'd' },
  yesterday: { label: 'Yesterday', key: 'e' },
  '7d': { label: 'Last 7 days', key: 'w' },
  '14d': { label: 'Last 14 days', key: 't' },
  '28d': { label: 'Last 28 days', key: 'f' },
  '90d': { label: 'Last 90 days', key: 'n' },
};

export const DEFAULT_RANGE: Preset = '24h';

function isPreset(text: string): text is Preset {
  return Object.hasOwn(PRESETS, text);
}

export function sameRange(one: Range, other: Range): boolean {
  return formatRange(one) === formatRange(other);
}

// ── In the address ──────────────────────────────────────────────────────────────────────────────────────────────────

/** `7d`, or `2026-11-01T10:00Z..2026-11-01T12:00Z`: a link means the same to every reader. */
export function formatRange(range: Range): string {
  return typeof range === 'string' ? range : formatSpanText(range);
}

export function parseRange(text: string | null): Range | null {
  if (text === null) return null;
  return isPreset(text) ? text : parseSpanText(text);
}

export function formatCompare(compare: Compare): string {
  if (typeof compare === 'string') return compare;
  return 'release' in compare ? `release:${compare.release}` : formatSpanText(compare);
}

export function parseCompare(text: string | null): Compare {
  if (text === 'previous' || text === 'week') return text;
  if (text === null) return '';
  if (text.startsWith('release:') && text.length > 'release:'.length) return { release: text.slice('release:'.length) };
  return parseSpanText(text) ?? '';
}

function formatSpanText(span: Span): string {
  return `${instant(span.from)}..${instant(span.to)}`;
}

function instant(ms: number): string {
  return new Date(ms).toISOString().replace(/(:00)?\.000Z$/, 'Z');
}

function parseSpanText(text: string): Span | null {
  const parts = text.split('..');
  if (parts.length !== 2) return null;
  const [from, to] = parts.map((part) => (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(part) ? Date.parse(part) : NaN)) as [
    number,
    number,
  ];
  return from < to ? { from, to } : null;
}

// ── On the clock ────────────────────────────────────────────────────────────────────────────────────────────────────

/** The borders of a range at a moment, in epoch ms. Relative ranges begin at round times and end with the minute. */
export function resolveRange(range: Range, now: number): Span {
  if (typeof range !== 'string') return { from: range.from, to: range.to };
  const to = Math.floor(now / MINUTE) * MINUTE + MINUTE;
  const hour = new Date(now).setMinutes(0, 0, 0);
  switch (range) {
    case 'live':
      return { from: to - 30 * MINUTE, to };
    case '1h':
      return { from: to - HOUR, to };
    case '24h':
      return { from: hour - 23 * HOUR, to };
    case 'today':
      return { from: midnight(now, 0), to };
    case 'yesterday':
      return { from: midnight(now, -1), to: midnight(now, 0) };
    default:
      return { from: midnight(now, 1 - Number.parseInt(range, 10)), to };
  }
}

function midnight(ms: number, days: number): number {
  const date = new Date(ms);
  date.setHours(0, 0, 0, 0);
  date.setDate(date.getDate() + days);
  return date.getTime();
}

/** The range as long, just before (-1) or after (1). What would begin in the future stays as it is. */
export function stepRange(range: Range, direction: -1 | 1, now: number): Range {
  const span = resolveRange(range, now);
  // Whole days step by the calendar, so that a change of clocks moves no border.
  const days = wholeDays(span, now);
  const move = (ms: number): number =>
    days > 0 ? shiftDays(ms, direction * days) : ms + direction * (span.to - span.from);
  const moved = { from: move(span.from), to: days > 0 ? move(shiftDays(midnight(span.from, 0), days)) : move(span.to) };
  if (moved.from >= now) return range;
  for (const preset of Object.keys(PRESETS) as Preset[]) {
    if (preset !== 'yesterday' && direction === 1 && resolveRange(preset, now).from === moved.from) return preset;
  }
  return moved;
}

function wholeDays(span: Span, now: number): number {
  if (span.from !== midnight(span.from, 0)) return 0;
  const end = span.to >= now ? midnight(now, 1) : span.to;
  if (end !== midnight(end, 0)) return 0;
  return Math.round((end - span.from) / DAY);
}

function shiftDays(ms: number, days: number): number {
  const date = new Date(ms);
  date.setDate(date.getDate() + days);
  return date.getTime();
}

const WIDTHS: [string, number][] = [
  ['1s', 1000],
  ['10s', 10_000],
  ['1m', MINUTE],
  ['5m', 5 * MINUTE],
  ['15m', 15 * MINUTE],
  ['1h', HOUR],
  ['3h', 3 * HOUR],
  ['6h', 6 * HOUR],
  ['1d', DAY],
  ['7d', 7 * DAY],
];

export interface Width {
  /** As the API and the address take it. */
  name: string;
  ms: number;
}

const WANTED_MAX = 64;
const CHOSEN_MAX = 400;

/** Whether a text is a width that may be chosen. */
export function isWidth(text: string | null): boolean {
  return WIDTHS.some(([name]) => name === text);
}

/** "15 min", "6 h", "1 day". */
export function widthWords({ name }: Width): string {
  const count = Number.parseInt(name, 10);
  const units: Record<string, string> = { s: 's', m: 'min', h: 'h', d: count === 1 ? 'day' : 'days' };
  return `${count} ${units[name.slice(-1)] ?? ''}`;
}

/** The widths that make a chart of a span: at least four buckets, and no more than can be drawn. */
export function widthsFor(span: Span): Width[] {
  return WIDTHS.map(([name, ms]) => ({ name, ms })).filter(({ ms }) => {
    const count = (span.to - span.from) / ms;
    return count >= 4 && count <= CHOSEN_MAX;
  });
}

/** The width of time buckets for a span: the chosen one where it fits, else the narrowest that makes at most 64. */
export function bucketWidth(span: Span, chosen = ''): Width {
  const fitting = widthsFor(span).find(({ name }) => name === chosen);
  if (fitting !== undefined) return fitting;
  const [name, ms] = WIDTHS.find(([, width]) => (span.to - span.from) / width <= WANTED_MAX) ?? ['7d', 7 * DAY];
  return { name, ms };
}

/** What a range is called. */
export function rangeLabel(range: Range, formatSpan: (from: number, to: number) => string): string {
  return typeof range === 'string' ? PRESETS[range].label : formatSpan(range.from, range.to);
}

export const COMPARE_LABELS = {
  '': 'No comparison',
  previous: 'Previous period',
  week: 'Same days, week before',
} as const;
