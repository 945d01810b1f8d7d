// SQL on its way to the SQL view: what was typed there and not run yet, and what a panel asked with. The text stands in the
// address once it runs, where it is short enough for one.

import type { Change } from './place.svelte';

/** What the name in the address is. */
export const SQL_IN_ADDRESS = 'q';

const LINK_CHARS_MAX = 6_000;
const drafts = new Map<string, string>();

/** What was typed for a monitor; undefined where nothing was. */
export function draftOf(monitor: string): string | undefined {
  return drafts.get(monitor);
}

export function keepDraft(monitor: string, text: string): void {
  drafts.set(monitor, text);
}

/** Whether an address can hold it: servers take so much of one and no more. */
export function fitsInLink(text: string): boolean {
  return encodeURIComponent(text.toWellFormed()).length <= LINK_CHARS_MAX;
}

/** The place where a text runs. One that is too long for an address has to be kept as a draft before. */
export function sqlPlace(text: string): Change {
  return { view: 'sql', item: '', open: '', more: { [SQL_IN_ADDRESS]: fitsInLink(text) ? text : '' } };
}

const TIMES = 'epoch_ms("time") AS "time", epoch_ms(received) AS received';
const PLACES = ', 0 AS "day", 0 AS "block", 0 AS "record", 0 AS "index"';

/**
 * The SQL of a panel as a user's own SQL: panels read the rows with times in epoch milliseconds, users read the views.
 * Where events of one moment stand in the journal's order, no view says it: then they may come in another.
 */
export function asUserSql(sql: string): string {
  const places = /\bblock\b/.test(sql) ? PLACES : '';
  const rows = `event_rows AS (\n  SELECT * REPLACE (${TIMES})${places}\n  FROM events\n)`;
  const plain = sql.replaceAll('AS NOT MATERIALIZED (', 'AS (');
  return plain.startsWith('WITH ') ? `WITH ${rows}, ${plain.slice('WITH '.length)}` : `WITH ${rows}\n${plain}`;
}
