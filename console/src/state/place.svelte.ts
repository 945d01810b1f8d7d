// Where the viewer is: the address, alive. Every change of state is a step of the browser's history, so that its back
// button undoes the last one.

import { untrack } from 'svelte';
import { forgetAnswers, serverNow } from '../api/http';
import { bucketWidth, resolveRange, sameRange, type Span, type Width } from './ranges';
import { addFilter, type Filter } from './filters';
import { isUnsaved, leaveBy } from './unsaved.svelte';
import { formatPlace, parsePlace, type Place, START } from './url';

let here = $state.raw<Place>(parsePlace(location.pathname, location.search));
let now = $state(serverNow());
let imagined: Place | undefined;

/** The moment that relative ranges end with; the same for all panels until the next refresh. */
const span = $derived<Span>(resolveRange(here.range, now));

/** The place, to be read. */
export const place = {
  get current(): Place {
    return imagined ?? here;
  },
  get span(): Span {
    return span;
  },
  get now(): number {
    return now;
  },
  /** The width of buckets of charts over time. */
  get bucket(): Width {
    return bucketWidth(span, here.interval);
  },
  /** What the view keeps in the address under a name. */
  more(name: string, otherwise = ''): string {
    return place.current.more[name] ?? otherwise;
  },
};

export type Change = Partial<Omit<Place, 'more'>> & { more?: Record<string, string> };

/** The place after a change. Another view or monitor begins without what the old one had open or kept for itself. */
export function placeAfter(change: Change): Place {
  const away =
    (change.view !== undefined && change.view !== here.view) ||
    (change.monitor !== undefined && change.monitor !== here.monitor);
  const base = away ? { ...here, item: START.item, open: START.open, more: START.more } : here;
  const otherMonitor = change.monitor !== undefined && change.monitor !== here.monitor;
  // What is filtered by is of one monitor: pages, releases and errors of another have other names.
  const filters = otherMonitor ? START.filters : base.filters;
  return { ...base, filters, ...change, more: { ...base.more, ...change.more } };
}

/** What somebody would say if the viewer had these filters. Nothing changes by it. */
export function imagine<T>(filters: Filter[], say: () => T): T {
  imagined = placeAfter({ filters });
  try {
    return untrack(say);
  } finally {
    imagined = undefined;
  }
}

/** The address of a change, for links. */
export function hrefTo(change: Change): string {
  return formatPlace(placeAfter(change));
}

/** The way to the sessions that are behind a value: those of the viewer's filters and these. */
export function toSessions(...filters: Filter[]): Change {
  return { view: 'sessions', item: '', filters: filters.reduce(addFilter, here.filters) };
}

/** Go where a change leads. `replace` takes no step of history: for what the viewer did not choose. `anyway` asks nobody about
 *  what is unsaved here: what it was for is gone. */
export function go(change: Change, { replace = false, anyway = false } = {}): void {
  arrive(placeAfter(change), replace, anyway);
}

/** Follow an address within the console. */
export function follow(url: URL): void {
  arrive(parsePlace(url.pathname, url.search));
}

/** Whether a place is another view or monitor: what is being written here does not come along. */
function leaves(next: Place): boolean {
  return next.view !== here.view || next.monitor !== here.monitor;
}

function arrive(next: Place, replace = false, anyway = false): void {
  const address = formatPlace(next);
  if (address === location.pathname + location.search) return;
  if (leaves(next) && !anyway) leaveBy(() => move(next, address, replace));
  else move(next, address, replace);
}

/** Which step of the browser's history this is, so that one that was not wanted can be taken back. */
let step = 0;

function move(next: Place, address: string, replace: boolean): void {
  if (!replace) step += 1;
  history[replace ? 'replaceState' : 'pushState']({ step }, '', address);
  const moved = next.view !== here.view || next.item !== here.item || next.monitor !== here.monitor;
  if (!sameRange(next.range, here.range)) now = serverNow();
  here = next;
  quiet = false;
  if (moved && !replace) scrollTo(0, 0);
}

/** Ask everything anew, up to this moment. `quietly` is for what the viewer did not ask for: nothing is dimmed. */
export function refresh({ quietly = false } = {}): void {
  forgetAnswers();
  quiet = quietly;
  now = serverNow();
  refreshes += 1;
}

let refreshes = $state(0);
let quiet = false;

/** Whether the last change was the clock's and not the viewer's. */
export function isQuiet(): boolean {
  return quiet;
}

/** How often everything was asked anew: what depends on it asks again even where the question is the same. */
export function refreshCount(): number {
  return refreshes;
}

const LIVE_MS = 10_000;
const AWAY_MS = 5 * 60_000;

/** Follow the browser's history, and the clock while live. Call it once; it returns how to end. */
export function watchPlace(): () => void {
  step = stepOf(history.state) ?? mark(0);
  let discarded = false;
  const popped = (event: PopStateEvent): void => {
    const to = stepOf(event.state) ?? mark(step + 1);
    const next = parsePlace(location.pathname, location.search);
    const steps = to - step;
    if (isUnsaved() && leaves(next) && !discarded) {
      // The browser is there already: back to where something is unsaved, and there once more if it is discarded.
      history.go(-steps);
      leaveBy(() => {
        discarded = true;
        history.go(steps);
      });
      return;
    }
    discarded = false;
    step = to;
    if (!sameRange(next.range, here.range)) now = serverNow();
    quiet = false;
    here = next;
  };
  const back = (): void => {
    if (document.visibilityState === 'visible' && serverNow() - now > AWAY_MS) refresh({ quietly: true });
  };
  const ticking = setInterval(() => {
    if (here.range === 'live' && document.visibilityState === 'visible') refresh({ quietly: true });
  }, LIVE_MS);
  addEventListener('popstate', popped);
  document.addEventListener('visibilitychange', back);
  return () => {
    clearInterval(ticking);
    removeEventListener('popstate', popped);
    document.removeEventListener('visibilitychange', back);
  };
}

function stepOf(state: unknown): number | undefined {
  return (state as { step?: number } | null)?.step;
}

/** The first page, and what the browser makes a step of by itself, such as a link within the page. */
function mark(as: number): number {
  history.replaceState({ step: as }, '');
  return as;
}
