// The releases seen in the range: for the switch and the comparison in the top bar, and as markers on charts over time.
// Asked once for all of them.

import type { Answer } from '../api/answer';
import { ask, type Asked } from './ask.svelte';
import { place } from './place.svelte';
import { type Asking, question } from './questions';
import { session } from './session.svelte';

export interface Marker {
  time: number;
  label: string;
}

const MARKERS_MAX = 12;
const NAMES_MAX = 30;

let shared = $state.raw<Asked<Answer>>();

/** Ask for them as long as the caller is there. Once, in the shell. */
export function provideReleases(): void {
  // Once it is known who is here: before, the token that every question carries is not there.
  shared = ask(() => (session.me !== undefined ? releasesOverTime() : null));
}

/** How often each release was seen over time: whoever asks it too shares the shell's own call. */
export function releasesOverTime(): Asking<Answer> | null {
  return question({
    measures: ['page_views'],
    by: ['time', 'release'],
    order: [{ by: 'time' }],
    limit: 10_000,
    compare: 'never',
    without: ['release'],
  });
}

/** Their names, the most seen first. */
export function releaseNames(): string[] {
  const seen = new Map<string, number>();
  const answer = shared?.answer;
  for (let row = 0; row < (answer?.length ?? 0); row++) {
    const views = answer?.number(row, 'page_views') ?? 0;
    const name = answer?.at(row, 'release') ?? null;
    if (name !== null && views > 0) seen.set(String(name), views + (seen.get(String(name)) ?? 0));
  }
  const names = [...seen].sort(([, one], [, other]) => other - one).map(([name]) => name);
  return names.slice(0, NAMES_MAX);
}

/** Those that were not there when the range began, each at the first bucket it was seen in. */
export function releaseMarkers(): Marker[] {
  const answer = shared?.answer;
  if (answer === undefined) return [];
  const first = new Map<string, number>();
  let beginning = Infinity;
  for (let row = 0; row < answer.length; row++) {
    const release = answer.at(row, 'release');
    const time = answer.number(row, 'time');
    if (time === null) continue;
    beginning = Math.min(beginning, time);
    if (release !== null && answer.number(row, 'page_views')) {
      first.set(String(release), Math.min(time, first.get(String(release)) ?? Infinity));
    }
  }
  return [...first]
    .map(([label, time]) => ({ label, time }))
    .filter(({ time }) => time > Math.max(beginning, place.span.from))
    .sort((one, other) => one.time - other.time)
    .slice(-MARKERS_MAX);
}
