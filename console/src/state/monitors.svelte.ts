// The monitors there are, asked once, on demand, and again and again where there is none.

import { LISTING, listMonitors, type MonitorEntry } from '../api/doors';
import type { ApiError } from '../api/http';
import { follow } from './follow';

const EVERY_MS = 2_000;

let list = $state.raw<MonitorEntry[]>();
let error = $state.raw<ApiError>();
/** Whose first event was seen here: the list learns of it a moment later. */
let heard = $state.raw<readonly string[]>([]);

export const monitors = {
  /** Undefined before the first answer. */
  get list(): MonitorEntry[] | undefined {
    return list;
  },
  get error(): ApiError | undefined {
    return error;
  },
  named(name: string): MonitorEntry | undefined {
    return list?.find((each) => each.name === name || each.id === name);
  },
  /** It is there, and nothing was ever received for it. */
  silent(name: string): boolean {
    const found = monitors.named(name);
    return found !== undefined && !found.active && !heard.includes(found.name);
  },
};

/** Its first event has come. */
export function heardOf(name: string): void {
  if (!heard.includes(name)) heard = [...heard, name];
}

/** Ask for them anew: at the start, and after one was made, changed or deleted. */
export async function loadMonitors(): Promise<void> {
  try {
    list = await listMonitors();
    error = undefined;
  } catch (caught) {
    error = caught as ApiError;
  }
}

/** Wait for one that is made elsewhere, by a command or by somebody else; it returns how to end. */
export function awaitMonitors(): () => void {
  return follow<MonitorEntry[]>({
    make: () => ({ ...LISTING, monitor: '' }),
    told: (found) => (list = found),
    everyMs: EVERY_MS,
  });
}
