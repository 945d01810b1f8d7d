// Moments and stretches of time as people read them: in the viewer's zone, with UTC beside it where asked. Pure.

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Where and in which language the viewer reads; both are the browser's unless named. */
export interface Reader {
  locale?: string;
  zone?: string;
}

const cached = new Map<string, Intl.DateTimeFormat>();

function format(ms: number, options: Intl.DateTimeFormatOptions, reader: Reader): string {
  const key = `${reader.locale ?? ''} ${reader.zone ?? ''} ${JSON.stringify(options)}`;
  let made = cached.get(key);
  if (made === undefined) {
    made = new Intl.DateTimeFormat(reader.locale, { ...options, timeZone: reader.zone });
    cached.set(key, made);
  }
  return made.format(ms);
}

const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
const DATE = { day: 'numeric', month: 'short' } as const;

let zone: string | undefined;

/**
 * The viewer's zone, as the API takes it. Looked up once, for every question carries it. `Intl` knows it of every browser, and takes
 * half a tenth of a second to begin with, in which nothing is asked; `Temporal` takes a millisecond.
 */
export function viewerZone(): string {
  const { Temporal: temporal } = globalThis as { Temporal?: { Now: { timeZoneId: () => string } } };
  return (zone ??= temporal?.Now.timeZoneId() ?? (Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'));
}

/** 14:05 */
export function formatClock(ms: number, reader: Reader = {}): string {
  return format(ms, CLOCK, reader);
}

/** 25 Nov */
export function formatDate(ms: number, reader: Reader = {}): string {
  return format(ms, DATE, reader);
}

/** 25 Nov, 14:05:07 */
export function formatTime(ms: number, reader: Reader = {}): string {
  return format(ms, { ...DATE, ...CLOCK, second: '2-digit' }, reader);
}

/** Wed, 25 Nov 2026, 14:05:07 */
export function formatMoment(ms: number, reader: Reader = {}): string {
  return format(ms, { weekday: 'short', ...DATE, year: 'numeric', ...CLOCK, second: '2-digit' }, reader);
}

/** 2026-11-25 14:05:07 UTC */
export function formatUtc(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ') + ' UTC';
}

/** A bucket of time as a tooltip names it: "Wed, 25 Nov, 14:00 – 15:00", a day "Wed, 25 Nov". */
export function formatBucket(start: number, width: number, reader: Reader = {}): string {
  const day = format(start, { weekday: 'short', ...DATE }, reader);
  if (width >= DAY) return width > DAY ? `${day} – ${format(start + width - 1, DATE, reader)}` : day;
  return `${day}, ${formatClock(start, reader)} – ${formatClock(start + width, reader)}`;
}

/** A range of time, as short as it can be said. */
export function formatSpan(from: number, to: number, reader: Reader = {}): string {
  const wholeDays = isMidnight(from, reader) && isMidnight(to, reader);
  const last = wholeDays ? to - 1 : to;
  const sameDay =
    format(from, { ...DATE, year: 'numeric' }, reader) === format(last, { ...DATE, year: 'numeric' }, reader);
  if (wholeDays)
    return sameDay ? formatDate(from, reader) : `${formatDate(from, reader)} – ${formatDate(last, reader)}`;
  const begin = `${formatDate(from, reader)}, ${formatClock(from, reader)}`;
  return sameDay
    ? `${begin} – ${formatClock(to, reader)}`
    : `${begin} – ${formatDate(to, reader)}, ${formatClock(to, reader)}`;
}

function isMidnight(ms: number, reader: Reader): boolean {
  return ms % MINUTE === 0 && formatClock(ms, reader) === '00:00';
}

/** How long ago: "now", "40 s ago", "5 min ago", "3 h ago", "2 d ago". */
export function formatAgo(ms: number, now: number): string {
  const age = Math.max(0, now - ms);
  if (age < 5 * SECOND) return 'now';
  if (age < MINUTE) return `${Math.floor(age / SECOND)} s ago`;
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`;
  if (age < 2 * DAY) return `${Math.floor(age / HOUR)} h ago`;
  return `${Math.floor(age / DAY)} d ago`;
}
