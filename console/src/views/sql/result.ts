// An answer to SQL: how its cells are written, sorted and linked, and what chart it makes. Pure.

import type { Value } from '../../api/answer';

/** As POST /api/v1/sql answers. */
export interface SqlAnswer {
  columns: string[];
  types: string[];
  rows: unknown[][];
  truncated: boolean;
  elapsed_ms: number;
}

const MOMENT = /^(TIMESTAMP|DATE)/;
const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL)/;

export function isMoment(type: string): boolean {
  return MOMENT.test(type) && !type.endsWith('[]');
}

export function isNumber(type: string): boolean {
  return NUMBER.test(type) && !type.endsWith('[]');
}

/** Epoch milliseconds of a moment of the engine, which are of UTC and do not say so. */
export function momentOf(value: unknown): number | null {
  if (typeof value !== 'string') return null;
  const time = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T00:00:00Z` : `${value}Z`);
  return Number.isNaN(time) ? null : time;
}

/** A cell as text; what is nested is JSON. */
export function cellText(value: unknown, type: string): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(9)));
  if (typeof value === 'string') return isMoment(type) ? value.replace('T', ' ') : value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value as boolean);
}

/** The places of the rows in the order of a column; null stands last, whichever way. */
export function orderOf(rows: unknown[][], column: number, desc: boolean): number[] {
  const direction = desc ? -1 : 1;
  return Array.from(rows.keys()).sort((one, other) => {
    const [a, b] = [rows[one]?.[column] ?? null, rows[other]?.[column] ?? null];
    if (a === null || b === null) return Number(a === null) - Number(b === null) || one - other;
    const order = typeof a === 'number' && typeof b === 'number' ? a - b : textOf(a).localeCompare(textOf(b));
    return direction * order || one - other;
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Width of each column in characters, by what is in its first rows. */
export function widthsOf({ columns, types, rows }: SqlAnswer): number[] {
  return columns.map((name, at) => {
    const type = types[at] ?? '';
    const longest = rows.slice(0, 100).reduce((most, row) => Math.max(most, cellText(row[at], type).length), 0);
    return Math.max(6, Math.min(48, Math.max(longest, name.length + 2, Math.min(type.length, 12))));
  });
}

/** A row as an object of its columns. Of two columns of one name the later is numbered. */
export function recordOf({ columns, rows }: SqlAnswer, row: number): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  columns.forEach((name, at) => {
    record[Object.hasOwn(record, name) ? `${name}_${at + 1}` : name] = rows[row]?.[at] ?? null;
  });
  return record;
}

export function toJson(answer: SqlAnswer): string {
  return JSON.stringify(
    answer.rows.map((_, row) => recordOf(answer, row)),
    null,
    1,
  );
}

/** Where a value leads: one level down from what the query tells. */
export type Leads =
  { to: 'sessions' | 'errors'; item: string } | { to: 'events'; dimension: string; value: Value } | undefined;

const DIMENSIONS = new Set(
  'page page_group title domain release browser browser_version os os_version device language country subdivision referrer_domain error_type http_method http_status type user'.split(
    ' ',
  ),
);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function leadsTo(column: string, value: unknown): Leads {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  if (column === 'session' && UUID.test(String(value))) return { to: 'sessions', item: String(value) };
  if (column === 'error' && /^[0-9a-f]{16}$/.test(String(value))) return { to: 'errors', item: String(value) };
  return DIMENSIONS.has(column) ? { to: 'events', dimension: column, value } : undefined;
}

// ── Charts ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Lines {
  kind: 'lines';
  times: number[];
  width: number;
  series: { name: string; values: (number | null)[] }[];
  /** Parts of a whole, where nothing drew them otherwise: whole numbers by a label. */
  parts: boolean;
}

export interface Bars {
  kind: 'bars';
  heads: string[];
  rows: { label: string; values: (number | null)[] }[];
}

const SERIES_MAX = 6;
const BARS_MAX = 40;
const POINTS_MAX = 2_000;

/** The chart of an answer: lines where its first column is a time, else bars; undefined where there are no numbers. */
export function chartOf(answer: SqlAnswer): Lines | Bars | undefined {
  const { columns, types, rows } = answer;
  const numbers = columns.map((_, at) => at).filter((at) => at > 0 && isNumber(types[at] ?? ''));
  if (numbers.length === 0 || rows.length === 0) return undefined;
  if (isMoment(types[0] ?? '')) {
    const lines = linesOf(answer, numbers);
    if (lines !== undefined) return lines;
  }
  const shown = numbers.slice(0, 3);
  const labels = columns.map((_, at) => at).filter((at) => !numbers.includes(at));
  return {
    kind: 'bars',
    heads: [labels.map((at) => columns[at]).join(', '), ...shown.map((at) => columns[at] ?? '')],
    rows: rows.slice(0, BARS_MAX).map((row) => ({
      label: labels.map((at) => cellText(row[at], types[at] ?? '')).join(' · '),
      values: shown.map((at) => numberOf(row[at])),
    })),
  };
}

/** A series for each number; or, of one number beside a label, for each label. */
function linesOf({ columns, types, rows }: SqlAnswer, numbers: number[]): Lines | undefined {
  const labels = columns.map((_, at) => at).filter((at) => at > 0 && !numbers.includes(at));
  const points = rows.flatMap((row) => momentOf(row[0]) ?? []);
  const times = gridOf(points);
  if (times === undefined) return undefined;
  const at = new Map(times.map((time, place) => [time, place]));
  const found = new Map<string, (number | null)[]>();
  for (const row of rows) {
    const place = at.get(momentOf(row[0]) ?? NaN);
    if (place === undefined) continue;
    const label = labels.map((column) => cellText(row[column], types[column] ?? '')).join(' · ');
    for (const number of labels.length > 0 ? numbers.slice(0, 1) : numbers) {
      const name = labels.length > 0 ? label : (columns[number] ?? '');
      const values = found.get(name) ?? Array<number | null>(times.length).fill(null);
      values[place] = numberOf(row[number]);
      found.set(name, values);
    }
  }
  const largest = [...found].sort(([, one], [, other]) => sum(other) - sum(one)).slice(0, SERIES_MAX);
  const series = (labels.length > 0 ? largest : [...found].slice(0, SERIES_MAX)).map(([name, values]) => ({
    name,
    values,
  }));
  const parts = labels.length > 0 && /INT/.test(types[numbers[0] ?? 0] ?? '');
  return { kind: 'lines', times, width: (times[1] ?? 0) - (times[0] ?? 0), series, parts };
}

/** Times at even distances from the first to the last; undefined where these do not stand on such a grid. */
function gridOf(points: number[]): number[] | undefined {
  const distinct = [...new Set(points)].sort((one, other) => one - other);
  const [first, last] = [distinct[0], distinct.at(-1)];
  if (first === undefined || last === undefined || distinct.length < 2) return undefined;
  const width = Math.min(...distinct.slice(1).map((time, at) => time - (distinct[at] ?? 0)));
  const length = (last - first) / width + 1;
  if (length > POINTS_MAX || distinct.some((time) => (time - first) % width !== 0)) return undefined;
  return Array.from({ length }, (_, at) => first + at * width);
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function sum(values: (number | null)[]): number {
  return values.reduce<number>((total, value) => total + (value ?? 0), 0);
}
