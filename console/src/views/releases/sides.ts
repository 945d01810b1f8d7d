// The two sides of a comparison: two releases in the range, or the range and a time before it.

import { filterOn } from '../../state/filters';
import { place } from '../../state/place.svelte';
import type { Where } from '../../state/questions';
import { DAY } from '../../lib/time';
import type { Span } from '../../state/ranges';
import type { Life } from './lives';

export interface Side {
  name: string;
  where: Where[];
  span: Span;
  /** As the verdict takes it. */
  form: { release?: string; from?: number; to?: number };
}

export interface Sides {
  kind: 'releases' | 'periods';
  baseline: Side;
  candidate: Side;
  /** Filters of the viewer that the sides replace. */
  without: string[];
}

export function sidesKind(): 'releases' | 'periods' {
  return place.more('by') === 'periods' ? 'periods' : 'releases';
}

/** What the viewer chose, and without a choice the newest release and the one before it; null where there are not two. */
export function sidesOf(lives: readonly Life[] | undefined): Sides | null {
  if (sidesKind() === 'periods') return periods();
  if (lives === undefined) return null;
  const b = place.more('b') || (lives.find(({ release }) => release !== place.more('a'))?.release ?? '');
  const at = lives.findIndex(({ release }) => release === b);
  const older = [...lives.slice(at + 1), ...lives.slice(0, Math.max(0, at))].find(({ release }) => release !== b);
  const a = place.more('a') || (older?.release ?? '');
  if (a === '' || b === '' || a === b) return null;
  return { kind: 'releases', baseline: ofRelease(a), candidate: ofRelease(b), without: ['release'] };
}

function ofRelease(release: string): Side {
  const { dimension, op, values } = filterOn('release', release);
  return { name: release, where: [{ dimension, op, values }], span: place.span, form: { release } };
}

function periods(): Sides {
  return {
    kind: 'periods',
    baseline: ofSpan(beforeSpan(place.span, place.more('against')), 'Before'),
    candidate: ofSpan(place.span, 'This period'),
    without: [],
  };
}

function ofSpan(span: Span, name: string): Side {
  return { name, where: [], span, form: { from: span.from, to: span.to } };
}

/** The time as long just before; with `week` the same days of the week before, which overlap it nowhere. */
function beforeSpan({ from, to }: Span, against: string): Span {
  const length = to - from;
  const shift = against === 'week' ? Math.ceil(length / (7 * DAY)) * 7 * DAY : length;
  return { from: from - shift, to: to - shift };
}
