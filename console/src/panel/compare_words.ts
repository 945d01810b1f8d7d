// What the viewer compares with, in words that follow a value.

import { formatSpan } from '../lib/time';
import { place } from '../state/place.svelte';

/** "in the period before", "in release 1.4.0". */
export function compareWords(): string {
  const { compare } = place.current;
  if (compare === '' || compare === 'previous') return 'in the period before';
  if (compare === 'week') return 'on the same days a week before';
  return 'release' in compare ? `in release ${compare.release}` : `in ${formatSpan(compare.from, compare.to)}`;
}

/** The same as a name in a legend. */
export function compareName(): string {
  const { compare } = place.current;
  if (compare === 'week') return 'Week before';
  if (typeof compare === 'object')
    return 'release' in compare ? `Release ${compare.release}` : formatSpan(compare.from, compare.to);
  return 'Period before';
}

/** What the legend of a chart says that has both: `colour` is of the line of now. */
export function nowAndBefore(colour = 'series-1'): { name: string; colour: string }[] {
  return [
    { name: 'Now', colour },
    { name: compareName(), colour: 'series-previous' },
  ];
}
