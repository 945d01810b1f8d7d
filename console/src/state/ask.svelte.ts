// Asks, and asks again when the question changes: the one way for a view to get data. What was asked before is aborted;
// its answer stays to be shown, marked as stale, until the new one is there.

import { untrack } from 'svelte';
import { ApiError, type Call, isReading, keptAnswer, keyOf, read, readAhead } from '../api/http';
import type { Filter } from './filters';
import { imagine, isQuiet, refreshCount } from './place.svelte';
import type { Asking } from './questions';

const SLOW_MS = 2_500;

/** How everything on the page makes its questions. */
const onPage = new Set<() => Asking<unknown> | null>();

export class Asked<A> {
  /** The newest answer; undefined before the first. */
  answer = $state.raw<A>();
  error = $state.raw<ApiError>();
  loading = $state(false);
  /** Loading for so long that it should be said. */
  slow = $state(false);
  /** What was asked, for whoever asks the same as a file or from elsewhere. */
  call = $state.raw<Call>();
  /** The viewer stopped it. */
  cancelled = $state(false);
  /** Asked by the clock and not by the viewer: the old answer stays as it is. */
  private quiet = $state(false);
  private attempts = $state(0);
  private running: AbortController | undefined;
  private monitor = '';
  private answered = 0;

  /** The answer is of an older question. */
  get stale(): boolean {
    return this.loading && !this.quiet && this.answer !== undefined;
  }

  /** Ask once more. */
  retry = (): void => {
    this.attempts += 1;
  };

  /** Stop waiting. The server stops working for it. */
  cancel = (): void => {
    this.running?.abort();
    this.loading = this.slow = false;
    this.cancelled = true;
  };

  /** For `ask`: whatever is read here leads to a new attempt. */
  get attempt(): number {
    return this.attempts;
  }

  /** For `ask`: begin, and return how to end. */
  start(asking: Asking<A> | null): () => void {
    this.running?.abort();
    this.cancelled = this.slow = false;
    this.call = asking?.call;
    if (asking === null) {
      this.loading = false;
      this.answer = undefined;
      this.error = undefined;
      return () => {};
    }
    if (asking.monitor !== this.monitor) this.answer = this.error = undefined;
    this.monitor = asking.monitor;
    const again = this.attempts !== this.answered;
    this.answered = this.attempts;
    const kept = again ? undefined : keptAnswer<unknown>(asking.call);
    if (kept !== undefined) {
      this.settle(asking.read(kept));
      return () => {};
    }
    const abort = new AbortController();
    this.running = abort;
    this.quiet = isQuiet();
    this.loading = true;
    const timer = setTimeout(() => (this.slow = true), SLOW_MS);
    void this.wait(asking, abort.signal).finally(() => clearTimeout(timer));
    return () => abort.abort();
  }

  private async wait(asking: Asking<A>, signal: AbortSignal): Promise<void> {
    try {
      const form = await read<unknown>(asking.call, signal);
      if (!signal.aborted) this.settle(asking.read(form));
    } catch (error) {
      // Whose session has ended is asked to sign in again, and then everything is asked anew: until then it stays as it is.
      if (signal.aborted || (error instanceof ApiError && error.status === 401)) return;
      this.error = error instanceof ApiError ? error : new ApiError(0, 'unexpected', String(error));
      this.loading = this.slow = false;
    }
  }

  private settle(answer: A): void {
    this.answer = answer;
    this.error = undefined;
    this.loading = this.slow = false;
  }
}

/**
 * Ask what `make` says, now and whenever it says something else; null asks nothing.
 * Call it while a component is set up, like any rune: it ends with the component.
 */
export function ask<A>(make: () => Asking<A> | null): Asked<A> {
  const asked = new Asked<A>();
  const asking = $derived(make());
  const key = $derived(asking === null ? '' : keyOf(asking.call));
  // The effect below waits until the whole view is built.
  const first = untrack(() => asking);
  let ahead = first === null ? undefined : readAhead(first.call);
  $effect(() => {
    void key;
    void asked.attempt;
    void refreshCount();
    const current = untrack(() => asking);
    const end = untrack(() => asked.start(current));
    ahead?.();
    ahead = undefined;
    return end;
  });
  $effect(() => {
    onPage.add(make);
    return () => onPage.delete(make);
  });
  return asked;
}

/**
 * Begin what the page would ask if the viewer had these filters, who is about to choose them. Returns how to give it up; what
 * was asked for in earnest by then goes on. Undefined where the page still waits for answers: those go first, and nothing is begun.
 */
export function askAhead(filters: Filter[]): (() => void) | undefined {
  if (isReading()) return undefined;
  const askings = imagine(filters, () => [...onPage].map((make) => make()));
  const ends = askings.filter((asking) => asking !== null).map(({ call }) => readAhead(call));
  return () => ends.forEach((end) => end());
}
