// Asks again and again what is new: for what is watched as it happens. Nothing of it is kept, and nobody is asked for
// a page that is out of sight.

import { ApiError, call } from '../api/http';
import type { Asking } from './questions';

const LONGEST_MS = 30_000;

export interface Following<A> {
  /** The next question; null asks nothing this time. */
  make: () => Asking<A> | null;
  /** Told each answer. */
  told: (answer: A) => void;
  /** Told whether the last question was answered. */
  failed?: (error: ApiError | undefined) => void;
  /** From an answer to the next question. */
  everyMs: number;
}

/** Begin to follow; it returns how to end. A server in trouble is asked less and less often. */
export function follow<A>({ make, told, failed, everyMs }: Following<A>): () => void {
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pause = everyMs;

  async function once(): Promise<void> {
    const asking = document.visibilityState === 'visible' ? make() : null;
    try {
      if (asking !== null) {
        const form = await call<unknown>({ ...asking.call, signal: abort.signal });
        if (abort.signal.aborted) return;
        told(asking.read(form));
        failed?.(undefined);
        pause = everyMs;
      }
    } catch (error) {
      if (abort.signal.aborted) return;
      failed?.(error instanceof ApiError ? error : new ApiError(0, 'unexpected', String(error)));
      pause = Math.min(pause * 2, LONGEST_MS);
    }
    timer = setTimeout(() => void once(), pause);
  }

  function seen(): void {
    if (document.visibilityState !== 'visible') return;
    clearTimeout(timer);
    void once();
  }

  void once();
  document.addEventListener('visibilitychange', seen);
  return () => {
    abort.abort();
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', seen);
  };
}
