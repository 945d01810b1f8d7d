// Where the viewer is: the address, alive. Every change of state is a step of the browser's history, so that its back
// button undoes the last one.

import { forgetAnswers, serverNow } from '../api/http';
import { bucketWidth, resolveRange, sameRange, type Span, type Width } from './ranges';
import { formatPlace, parsePlace, type Place, START } from './url';

let here = $state.raw<Place>(parsePlace(location.pathname, location.search));
let now = $state(serverNow());

/** The moment that relative ranges end with; the same for all panels until the next refresh. */
const span = $derived<Span>(resolveRange(here.range, now));

/** The place, to be read. */
export const place = {
  get current(): Place {
    return here;
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
    return here.more[name] ?? otherwise;
  },
};

export type Change = Partial<Omit<Place, 'more'>> & { more?: Record<string, string> };

/** The place after a change. Another view or monitor begins without what the old one had open or kept for itself. */
export function placeAfter(change: Change): Place {
  const leaves =
    (change.view !== undefined && change.view !== here.view) ||
    (change.monitor !== undefined && change.monitor !== here.monitor);
  const base = leaves ? { ...here, item: START.item, open: START.open, more: START.more } : here;
  const otherMonitor = change.monitor !== undefined && change.monitor !== here.monitor;
  // What is filtered by is of one monitor: pages, releases and errors of another have other names.
  const filters = otherMonitor ? START.filters : base.filters;
  return { ...base, filters, ...change, more: { ...base.more, ...change.more } };
}

/** The address of a change, for links. */
export function hrefTo(change: Change): string {
  return formatPlace(placeAfter(change));
}

/** Go where a change leads. `replace` takes no step of history: for what the viewer did not choose. */
export function go(change: Change, { replace = false } = {}): void {
  arrive(placeAfter(change), replace);
}

/** Follow an address within the console. */
export function follow(url: URL, { replace = false } = {}): void {
  arrive(parsePlace(url.pathname, url.search), replace);
}

function arrive(next: Place, replace: boolean): void {
  const address = formatPlace(next);
  if (address === location.pathname + location.search) return;
  if (replace) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
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
  const popped = (): void => {
    const next = parsePlace(location.pathname, location.search);
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
