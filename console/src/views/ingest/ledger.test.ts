// What the ledger says: the accounting adds up or does not, what is refused is told with its cause, hours become buckets.

import { expect, test } from 'vitest';
import { DAY, HOUR } from '../../lib/time';
import { hoursOf, type Ledger, OUTCOMES, reasonsOf, trendOf, verdictOf } from './ledger';

const START = Date.UTC(2026, 0, 2);

function ledger(rows: Ledger['rows'], received?: number): Ledger {
  const totals = { received: 0, stored: 0, duplicate: 0, quarantined: 0, dropped: 0, refused: 0, pending_events: 0 };
  for (const [, outcome, , count] of rows) totals[outcome] += count;
  totals.received = received ?? totals.stored + totals.duplicate + totals.quarantined + totals.dropped;
  return { rows, totals };
}

test('what adds up is whole, and what does not is missing', () => {
  expect(verdictOf(ledger([[START, 'stored', '', 90], [START, 'duplicate', '', 10]]))).toEqual({ kind: 'whole' }); // prettier-ignore
  expect(verdictOf(ledger([[START, 'stored', '', 90]], 100))).toEqual({ kind: 'missing', events: 10 });
  expect(verdictOf(ledger([]))).toEqual({ kind: 'nothing' });
});

test('many refusals are told with what most of them are about, a few are not', () => {
  const refusing = ledger([
    [START, 'stored', '', 100],
    [START, 'refused', 'too large', 5],
    [START, 'refused', 'foreign origin', 20],
  ]);
  expect(verdictOf(refusing)).toEqual({ kind: 'refusing', share: 0.2, reason: 'foreign origin' });
  const few = ledger([
    [START, 'stored', '', 10],
    [START, 'refused', 'too large', 9],
  ]);
  expect(verdictOf(few)).toEqual({ kind: 'whole' });
  const unreadable = ledger([
    [START, 'stored', '', 90],
    [START, 'quarantined', 'details not JSON', 10],
  ]);
  expect(verdictOf(unreadable)).toMatchObject({ kind: 'quarantining', reason: 'details not JSON' });
});

test('reasons are summed over hours, with their share and when they were last there', () => {
  const rows = reasonsOf(
    ledger([
      [START, 'stored', '', 6],
      [START, 'quarantined', 'details not JSON', 1],
      [START + HOUR, 'quarantined', 'details not JSON', 3],
      [START, 'refused', 'invalid', 2],
    ]),
  );
  expect(rows.map(({ reason, count, share, last }) => [reason, count, share, last])).toEqual([
    ['', 6, 0.6, START],
    ['details not JSON', 4, 0.4, START + HOUR],
    ['invalid', 2, 1, START],
  ]);
});

test('every count is in one bucket, and only outcomes that were there have a series', () => {
  const told = ledger([
    [START, 'stored', '', 6],
    [START + 5 * HOUR, 'stored', '', 2],
    [START + 2 * DAY, 'refused', 'invalid', 3],
  ]);
  for (const width of [HOUR / 4, HOUR, 3 * HOUR, DAY]) {
    const { series } = trendOf(told, { from: START + HOUR / 2, to: START + 3 * DAY }, width, OUTCOMES);
    expect(series.map(({ name, values }) => [name, values.reduce((sum, value) => sum + value)])).toEqual([
      ['Stored', 8],
      ['Refused', 3],
    ]);
  }
  expect(hoursOf(told, 'stored', '', { from: START, to: START + 6 * HOUR })).toEqual([6, 0, 0, 0, 0, 2]);
});
