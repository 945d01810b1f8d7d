// What the address keeps of the journey, read with care: it may say anything.

import type { Direction } from './paths';
import { place } from '../../state/place.svelte';

/** Filters that choose pages would tear holes into ways through pages; so they do not count here. */
export const OF_PAGES = ['page', 'page_group', 'page_tag', 'title', 'parent_page', 'type'];

export const STEPS_MAX = 8;
const STEPS_USUAL = 3;
const TOPS = [3, 5, 8, 12];
export const TOP_OPTIONS = TOPS.map((top) => ({ value: top, label: `Top ${top} pages a step`, short: `Top ${top}` }));

export function pagesBy(): 'page' | 'page_group' {
  return place.more('by') === 'page' ? 'page' : 'page_group';
}

export function direction(): Direction {
  return place.more('dir') === 'backward' ? 'backward' : 'forward';
}

/** How many steps follow the first column. */
export function stepCount(): number {
  const said = Math.trunc(Number(place.more('steps')));
  return said >= 1 && said <= STEPS_MAX ? said : STEPS_USUAL;
}

export function stepText(count: number): string {
  return count === STEPS_USUAL ? '' : String(count);
}

export function topCount(): number {
  return TOPS.find((top) => top === Number(place.more('top'))) ?? 5;
}
