// What an Alt-click does everywhere: it leaves a value out.

import type { Value } from '../api/answer';
import { addFilter, filterOn } from '../state/filters';
import { go, place } from '../state/place.svelte';

/** For the links of a value that lead elsewhere: an Alt-click does not follow them. */
export function leaveOutByAlt(event: MouseEvent, dimension: string, value: Value): void {
  if (!event.altKey) return;
  event.preventDefault();
  go({ filters: addFilter(place.current.filters, filterOn(dimension, value, true)) });
}
