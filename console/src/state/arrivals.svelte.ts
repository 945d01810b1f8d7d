// Whether anything arrives for a monitor, looked for twice a second as long as somebody watches.

import { Answer } from '../api/answer';
import { arrivals } from '../api/owners';
import { heardOf } from './monitors.svelte';

const PAUSE_MS = 500;
const PATIENCE_MS = 30_000;
/** The page that a test event says it is of. */
export const TEST_PAGE = '/openrum-test-event';

export interface Arrival {
  page: string;
  events: number;
  sessions: number;
}

export class Arrivals {
  /** Pages of the last hour, the busiest first. */
  list = $state.raw<Arrival[]>([]);
  /** Something of a page came, and not the test event alone. */
  get real(): boolean {
    return this.list.some(({ page }) => page !== TEST_PAGE);
  }
  get tested(): boolean {
    return this.list.some(({ page }) => page === TEST_PAGE);
  }
}

/** Watch for as long as the component is there. `monitor` empty watches nothing. */
export function watchArrivals(monitor: () => string): Arrivals {
  const found = new Arrivals();
  $effect(() => {
    const name = monitor();
    found.list = [];
    if (name === '') return;
    const ended = new AbortController();
    void look(name, found, ended.signal);
    return () => ended.abort();
  });
  return found;
}

async function look(name: string, found: Arrivals, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    if (document.visibilityState === 'visible') {
      try {
        const answer = new Answer(await arrivals(name, AbortSignal.any([ended, AbortSignal.timeout(PATIENCE_MS)])));
        const rows = Array.from({ length: answer.length }, (_, row) => ({
          page: answer.text(row, 'page'),
          events: answer.number(row, 'events') ?? 0,
          sessions: answer.number(row, 'sessions') ?? 0,
        }));
        if (ended.aborted) return;
        found.list = rows;
        if (found.real) heardOf(name);
      } catch {
        // Whatever it is, the next look may be luckier.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
