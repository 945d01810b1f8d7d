// Whether anything arrives for a monitor, looked for twice a second as long as somebody watches.

import { Answer } from '../api/answer';
import { arrivals, endings } from '../api/owners';
import { heardOf } from './monitors.svelte';

const PAUSE_MS = 500;
const PATIENCE_MS = 30_000;
const PAGES_MAX = 6;
/** While nothing comes: every how manieth look asks for what was refused. */
const REFUSED_EVERY = 3;
/** The page that a test event says it is of. */
export const TEST_PAGE = '/openrum-test-event';

export interface Arrival {
  page: string;
  events: number;
  /** How many of the events are bots'. */
  bots: number;
}

export interface Refusal {
  reason: string;
  requests: number;
}

export class Arrivals {
  monitor = $state('');
  /** Pages of the last hour, the busiest first. */
  list = $state.raw<Arrival[]>([]);
  /** What the door refused within the last hour, the commonest first; known while nothing real came. */
  refused = $state.raw<Refusal[]>([]);
  /** Something of a page came, and not the test event alone. */
  get real(): boolean {
    return this.list.some(({ page }) => page !== TEST_PAGE);
  }
  get tested(): boolean {
    return this.list.some(({ page }) => page === TEST_PAGE);
  }
  /** Bots sent all that came of pages: the views leave it out as they open. */
  get bots(): boolean {
    return this.real && this.list.every(({ page, events, bots }) => page === TEST_PAGE || events === bots);
  }
}

/** Watch for as long as the component is there. `monitor` empty watches nothing. */
export function watchArrivals(monitor: () => string): Arrivals {
  const found = new Arrivals();
  $effect(() => {
    const name = monitor();
    found.monitor = name;
    found.list = [];
    found.refused = [];
    if (name === '') return;
    const ended = new AbortController();
    void look(name, found, ended.signal);
    return () => ended.abort();
  });
  return found;
}

async function look(name: string, found: Arrivals, ended: AbortSignal): Promise<void> {
  for (let looks = 1; !ended.aborted; looks += 1) {
    if (document.visibilityState === 'visible') {
      try {
        const patience = AbortSignal.any([ended, AbortSignal.timeout(PATIENCE_MS)]);
        const rows = byPage(new Answer(await arrivals(name, patience)));
        if (ended.aborted) return;
        found.list = rows;
        if (found.real) {
          found.refused = [];
          heardOf(name);
        } else if (looks % REFUSED_EVERY === 0) {
          const refused = refusals(new Answer(await endings(name, patience)));
          if (ended.aborted) return;
          found.refused = refused;
        }
      } catch {
        // Whatever it is, the next look may be luckier.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** Of rows by page and bot: the pages, in the order in which they come first. */
function byPage(answer: Answer): Arrival[] {
  const pages = new Map<string, Arrival>();
  for (let row = 0; row < answer.length; row += 1) {
    const page = answer.text(row, 'page');
    const events = answer.number(row, 'events') ?? 0;
    const arrival = pages.get(page) ?? { page, events: 0, bots: 0 };
    arrival.events += events;
    if (answer.at(row, 'bot') === true) arrival.bots += events;
    pages.set(page, arrival);
  }
  return [...pages.values()].slice(0, PAGES_MAX);
}

/** Of the hours of a ledger: how many requests were refused, by reason. */
function refusals(ledger: Answer): Refusal[] {
  const requests = new Map<string, number>();
  for (let row = 0; row < ledger.length; row += 1) {
    if (ledger.at(row, 'outcome') !== 'refused') continue;
    const reason = ledger.text(row, 'reason');
    requests.set(reason, (requests.get(reason) ?? 0) + (ledger.number(row, 'count') ?? 0));
  }
  return Array.from(requests, ([reason, count]) => ({ reason, requests: count })).sort(
    (one, other) => other.requests - one.requests,
  );
}
