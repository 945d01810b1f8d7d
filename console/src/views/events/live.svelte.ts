// What comes in while it is watched: asked every second, let in at once or held back until the reader wants it.

import type { Answer } from '../../api/answer';
import { serverNow } from '../../api/http';
import { eventsOf, type RumEvent } from '../../lib/events';
import { MINUTE, SECOND } from '../../lib/time';
import { follow } from '../../state/follow';
import { place } from '../../state/place.svelte';
import { special } from '../../state/questions';

const EVERY_MS = 1000;
/** What was received a little earlier may be there to see a little later: it is asked for again, and known by its id. */
const AGAIN_MS = 10 * SECOND;
const AT_ONCE = 200;
const SHOWN_MAX = 1000;
const FRESH_MS = 4000;

export class Live {
  error = $state('');
  private letInSoFar = $state.raw<RumEvent[]>([]);
  private heldBack = $state.raw<RumEvent[]>([]);
  private readonly listedIds = $derived.by(() => new Set(this.listed().map(({ id }) => id)));
  /** Newest first; what the list has by now is the list's. */
  readonly shown = $derived(this.letInSoFar.filter(({ id }) => !this.listedIds.has(id)));
  readonly waiting = $derived(this.heldBack.filter(({ id }) => !this.listedIds.has(id)));
  private fresh = $state.raw(new Set<string>());
  private held = false;
  private received = 0;
  private readonly known = new Set<string>();

  /** `listed` are the events that are there anyway: they may come after the first of what is followed. */
  constructor(private readonly listed: () => readonly RumEvent[]) {}

  /** Begin; it returns how to end. */
  follow(): () => void {
    this.received = place.now;
    return follow<Answer>({
      everyMs: EVERY_MS,
      make: () =>
        special(
          'events',
          { limit: AT_ONCE, received_from: Math.floor(this.received - AGAIN_MS) },
          { span: { from: place.span.from, to: Math.ceil(serverNow() + MINUTE) } },
        ),
      told: (answer) => this.take(eventsOf(answer)),
      failed: (error) => (this.error = error === undefined ? '' : `Not answered: ${error.message}`),
    });
  }

  /** Hold back what is new, or let it in again. */
  hold(held: boolean): void {
    this.held = held;
    if (!held) this.letIn();
  }

  letIn(): void {
    if (this.heldBack.length === 0) return;
    const added = this.heldBack;
    this.letInSoFar = [...added, ...this.letInSoFar].slice(0, SHOWN_MAX);
    this.heldBack = [];
    const ids = added.map(({ id }) => id);
    this.fresh = new Set([...this.fresh, ...ids]);
    setTimeout(() => (this.fresh = new Set([...this.fresh].filter((id) => !ids.includes(id)))), FRESH_MS);
  }

  /** Whether it came in just now. */
  isFresh(id: string): boolean {
    return this.fresh.has(id);
  }

  private take(found: RumEvent[]): void {
    const added = found.filter(({ id }) => !this.known.has(id) && !this.listedIds.has(id));
    for (const { id, received } of found) {
      this.known.add(id);
      this.received = Math.max(this.received, received ?? 0);
    }
    if (added.length === 0) return;
    this.heldBack = [...added, ...this.heldBack].slice(0, SHOWN_MAX);
    if (!this.held) this.letIn();
  }
}
