// A session's recording, part by part: what there is so far can be watched while more comes.

import type { ReplayParts } from '../api/doors';
import { getting } from '../api/doors';
import { ApiError, read } from '../api/http';
import { place } from './place.svelte';

const AT_ONCE = 4;
/** As a list of parts: a recording beyond it is an accident. */
export type Part = ReplayParts['parts'][number];

export class Recording {
  /** Of the parts that are there, in order, each with what is recorded. */
  loaded = $state.raw<{ part: Part; records: unknown }[]>([]);
  error = $state.raw<ApiError>();
  done = $state(false);

  private readonly abort = new AbortController();

  constructor(
    private readonly session: string,
    readonly parts: readonly Part[],
  ) {
    void this.load();
  }

  stop(): void {
    this.abort.abort();
  }

  private async load(): Promise<void> {
    try {
      for (let at = 0; at < this.parts.length; at += AT_ONCE) {
        const some = await Promise.all(this.parts.slice(at, at + AT_ONCE).map((part) => this.one(part)));
        this.loaded = [...this.loaded, ...some.flat()];
      }
    } catch (error) {
      if (this.abort.signal.aborted) return;
      this.error = error instanceof ApiError ? error : new ApiError(0, 'unexpected', String(error));
    }
    this.done = true;
  }

  /** A part that is gone since the list was made is a gap, and no end of it. */
  private async one(part: Part): Promise<{ part: Part; records: unknown }[]> {
    const asked = { monitor: place.current.monitor, session: this.session, part: part.id, time: part.time };
    try {
      return [{ part, records: await read<unknown>(getting('replay', asked), this.abort.signal) }];
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return [];
      throw error;
    }
  }
}
