// A session's recording, part by part: what there is so far can be watched while more comes. Each part is asked for and read
// once, and kept here alone: in the store of answers a long recording would push out those of the panels.

import { getting, type ReplayParts } from '../api/doors';
import { ApiError, patiently } from '../api/http';
import { place } from './place.svelte';

const AT_ONCE = 4;

export type Part = ReplayParts['parts'][number];

export class Recording<R> {
  /** What is recorded in the parts that are there. */
  records = $state.raw<R[]>([]);
  /** How many parts that are. */
  loaded = $state(0);
  error = $state.raw<ApiError>();
  done = $state(false);

  private readonly abort = new AbortController();

  /** `read` makes records of a part as it was sent. */
  constructor(
    private readonly session: string,
    private readonly parts: readonly Part[],
    private readonly read: (part: Part, sent: unknown) => R[],
  ) {
    void this.load();
  }

  stop(): void {
    this.abort.abort();
  }

  private async load(): Promise<void> {
    try {
      for (let at = 0; at < this.parts.length; at += AT_ONCE) {
        const some = this.parts.slice(at, at + AT_ONCE);
        const records = await Promise.all(some.map((part) => this.one(part)));
        this.records = [...this.records, ...records.flat()];
        this.loaded += some.length;
      }
    } catch (error) {
      if (this.abort.signal.aborted) return;
      this.error = error instanceof ApiError ? error : new ApiError(0, 'unexpected', String(error));
    }
    this.done = true;
  }

  /** A part that is gone since the list was made is a gap, and no end of it. */
  private async one(part: Part): Promise<R[]> {
    const asked = { monitor: place.current.monitor, session: this.session, part: part.id, time: part.time };
    try {
      return this.read(part, await patiently({ ...getting('replay', asked), signal: this.abort.signal }));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return [];
      throw error;
    }
  }
}
