// What became of the events that were received: sums, hours, reasons, and what that says. Pure.

import { formatShare } from '../../lib/format';
import { DAY, HOUR } from '../../lib/time';

/** As GET /api/v1/ledger?samples=1 answers. Rows are hour, outcome, reason, count. */
export interface Ledger {
  rows: [number, Outcome, string, number][];
  totals: Record<Outcome | 'received' | 'pending_events', number>;
  samples?: Sample[];
}

export interface Sample {
  outcome: Outcome;
  reason: string;
  hour: number;
  /** As it was sent; null where the journal has it no more. */
  event: unknown;
}

export type Outcome = 'stored' | 'duplicate' | 'quarantined' | 'dropped' | 'refused';

/** The endings that received events may have; refused requests stand beside them. */
export const ENDINGS = ['stored', 'duplicate', 'quarantined', 'dropped'] as const;
export const OUTCOMES: readonly Outcome[] = [...ENDINGS, 'refused'];

export const OUTCOME_WORDS: Record<Outcome, string> = {
  stored: 'Stored',
  duplicate: 'Duplicate',
  quarantined: 'Quarantined',
  dropped: 'Dropped',
  refused: 'Refused',
};

export const OUTCOME_COLOURS: Record<Outcome, string> = {
  stored: 'series-1',
  duplicate: 'series-2',
  quarantined: 'fair',
  dropped: 'series-6',
  refused: 'poor',
};

/** Of the vocabulary: what an ending means and what to do about it. */
export interface OutcomeTold {
  outcome: Outcome;
  reason: string;
  meaning: string;
  remedy: string;
}

/** Beginning of the hour of a moment: the ledger counts by hours of receipt. */
export function hourOf(ms: number): number {
  return Math.floor(ms / HOUR) * HOUR;
}

/** A share in percent; what is not all of it never reads as 100 %. */
export function shareText(share: number): string {
  return share < 1 && share >= 0.995 ? `${(Math.floor(share * 1000) / 10).toFixed(1)}%` : formatShare(share);
}

// ── What it says ────────────────────────────────────────────────────────────────────────────────────────────────────

const REFUSED_SHARE_MAX = 0.02;
const REFUSED_MIN = 10;
const QUARANTINED_SHARE_MAX = 0.01;

export type Verdict =
  | { kind: 'nothing' }
  | { kind: 'whole' }
  /** Received and accounted for are not the same. */
  | { kind: 'missing'; events: number }
  | { kind: 'refusing' | 'quarantining'; share: number; reason: string };

/** What the ledger says of a time: first what is lost, then what is refused or cannot be read. */
export function verdictOf(ledger: Ledger): Verdict {
  const { totals } = ledger;
  const missing = totals.received - ENDINGS.reduce((sum, outcome) => sum + totals[outcome], 0);
  if (missing !== 0) return { kind: 'missing', events: missing };
  if (totals.received === 0 && totals.refused === 0) return { kind: 'nothing' };
  const refused = totals.refused / (totals.refused + totals.received);
  if (refused > REFUSED_SHARE_MAX && totals.refused >= REFUSED_MIN) {
    return { kind: 'refusing', share: refused, reason: topReason(ledger, 'refused') };
  }
  const quarantined = totals.received === 0 ? 0 : totals.quarantined / totals.received;
  if (quarantined > QUARANTINED_SHARE_MAX) {
    return { kind: 'quarantining', share: quarantined, reason: topReason(ledger, 'quarantined') };
  }
  return { kind: 'whole' };
}

function topReason(ledger: Ledger, outcome: Outcome): string {
  return reasonsOf(ledger, outcome)[0]?.reason ?? '';
}

// ── Reasons and hours ───────────────────────────────────────────────────────────────────────────────────────────────

export interface ReasonRow {
  outcome: Outcome;
  reason: string;
  count: number;
  /** Of what was received; of refused requests, of all that were refused. */
  share: number;
  /** The last hour in which it happened. */
  last: number;
}

/** What the address calls it when it is open. */
export function keyOf({ outcome, reason }: Pick<ReasonRow, 'outcome' | 'reason'>): string {
  return reason === '' ? outcome : `${outcome}.${reason}`;
}

/** Each ending with its reason, the most frequent first; of one outcome, or of all. */
export function reasonsOf(ledger: Ledger, outcome: Outcome | '' = ''): ReasonRow[] {
  const found = new Map<string, ReasonRow>();
  for (const [hour, ended, reason, count] of ledger.rows) {
    if (outcome !== '' && ended !== outcome) continue;
    const key = `${ended} ${reason}`;
    const row = found.get(key) ?? { outcome: ended, reason, count: 0, share: 0, last: hour };
    found.set(key, { ...row, count: row.count + count, last: Math.max(row.last, hour) });
  }
  return [...found.values()]
    .map((row) => {
      const whole = row.outcome === 'refused' ? ledger.totals.refused : ledger.totals.received;
      return { ...row, share: whole === 0 ? 0 : row.count / whole };
    })
    .sort((one, other) => other.count - one.count || one.reason.localeCompare(other.reason));
}

export interface Trend {
  times: number[];
  width: number;
  series: { name: string; values: number[]; colour: string }[];
}

/** Counts over time, a series for each of these outcomes that was there. Buckets are whole hours or the viewer's days. */
export function trendOf(
  ledger: Ledger,
  span: { from: number; to: number },
  wanted: number,
  outcomes: readonly Outcome[],
): Trend {
  const width = Math.max(HOUR, wanted);
  const start = width >= DAY ? midnightBefore(span.from) : Math.floor(span.from / width) * width;
  const length = Math.max(1, Math.ceil((span.to - start) / width));
  const times = Array.from({ length }, (_, at) => start + at * width);
  const series = outcomes
    .filter((outcome) => ledger.rows.some(([, ended]) => ended === outcome))
    .map((outcome) => {
      const values = times.map(() => 0);
      for (const [hour, ended, , count] of ledger.rows) {
        // Of zones with half hours, the first hour begins before the viewer's midnight.
        const at = Math.max(0, Math.floor((hour - start) / width));
        if (ended === outcome && at < length) values[at] = (values[at] ?? 0) + count;
      }
      return { name: OUTCOME_WORDS[outcome], values, colour: OUTCOME_COLOURS[outcome] };
    });
  return { times, width, series };
}

/** Counts of one reason by hour, oldest first, for a line of its own. */
export function hoursOf(
  ledger: Ledger,
  outcome: Outcome,
  reason: string,
  span: { from: number; to: number },
): number[] {
  const start = hourOf(span.from);
  const values = Array<number>(Math.max(1, Math.ceil((span.to - start) / HOUR))).fill(0);
  for (const [hour, ended, why, count] of ledger.rows) {
    const at = (hour - start) / HOUR;
    if (ended === outcome && why === reason && at >= 0 && at < values.length) values[at] = (values[at] ?? 0) + count;
  }
  return values;
}

function midnightBefore(ms: number): number {
  const date = new Date(ms);
  date.setHours(0, 0, 0, 0);
  return date.getTime();
}
