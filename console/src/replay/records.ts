// What a recording is made of, in the form of rrweb 2: https://github.com/rrweb-io/rrweb. It comes from a visitor's browser, so
// nothing in it is believed: what does not look like a record is left out, and the moments are put in order. Pure.

export const RECORD = { full: 2, change: 3, meta: 4 } as const;
export const CHANGE = {
  mutation: 0,
  mouseMove: 1,
  mouse: 2,
  scroll: 3,
  resize: 4,
  input: 5,
  touchMove: 6,
  sheetRule: 8,
  drag: 12,
  declaration: 13,
  adopted: 15,
} as const;
export const NODE = { document: 0, doctype: 1, element: 2, text: 3, cdata: 4, comment: 5 } as const;
/** Of `CHANGE.mouse`. */
export const MOUSE = { down: 1, touchStart: 7 } as const;

export type Members = Readonly<Record<string, unknown>>;

/** A record. `at` is epoch ms by the server's clock. */
export interface Recorded {
  kind: number;
  at: number;
  data: Members;
}

/** A part of a recording as the door lists it. */
export interface Part {
  id: string;
  /** Epoch ms when it was sent, about. */
  time: number;
}

const RECORDS_MAX = 500_000;
/** Clients tell whole seconds of when they sent; by more than this it is the visitor's clock that was wrong. */
const CLOCK_OFF_MS = 60_000;

/** The records of a part, those of a pointer place by place. */
export function recordsOf(part: Part, sent: unknown): Recorded[] {
  const found: Recorded[] = [];
  for (const each of listOf(sent).slice(0, RECORDS_MAX)) {
    const { type, timestamp, data } = membersOf(each);
    if (isNumber(type) && isNumber(timestamp)) found.push({ kind: type, at: timestamp, data: membersOf(data) });
  }
  const last = found.reduce((latest, { at }) => Math.max(latest, at), 0);
  const off = Math.abs(part.time - last) > CLOCK_OFF_MS ? part.time - last : 0;
  for (const record of found) record.at += off;
  return found.flatMap(spread);
}

/** In order of time; what began together stays as it was told. */
export function inOrder(records: readonly Recorded[]): Recorded[] {
  return records.toSorted((one, other) => one.at - other.at);
}

/** A move of some places is as many records, for a pointer that glides. */
function spread(record: Recorded): Recorded[] {
  const { source, positions } = record.data;
  if (
    record.kind !== RECORD.change ||
    (source !== CHANGE.mouseMove && source !== CHANGE.touchMove && source !== CHANGE.drag)
  )
    return [record];
  return listOf(positions).map((place) => {
    const before = numberOf(membersOf(place).timeOffset) ?? 0;
    return { kind: record.kind, at: record.at + Math.min(0, before), data: { source, ...membersOf(place) } };
  });
}

/** Where a picture of the whole page is, that begins at or before a moment; -1 where there is none. */
export function pictureBefore(records: readonly Recorded[], moment: number): number {
  let found = -1;
  for (let at = 0; at < records.length; at++) {
    const record = records[at] as Recorded;
    if (record.at > moment && found >= 0) break;
    if (record.kind === RECORD.full) {
      found = at;
      if (record.at > moment) break; // nothing was seen before it: the first one there is
    }
  }
  return found;
}

/** Stretches in which nothing was recorded for longer than this. */
export function idleSpans(records: readonly Recorded[], longerThan: number): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (let at = 1; at < records.length; at++) {
    const [from, to] = [(records[at - 1] as Recorded).at, (records[at] as Recorded).at];
    if (to - from > longerThan) found.push({ from, to });
  }
  return found;
}

// ── What is said, as what it must be ─────────────────────────────────────────────────────────────────────────────────

export function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function numberOf(value: unknown): number | undefined {
  return isNumber(value) ? value : undefined;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
