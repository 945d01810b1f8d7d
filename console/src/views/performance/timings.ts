// The timings that this view is about, which of them is chosen, and what its panels are about: all pages or one.

import { formatMeasure, rateMeasure } from '../../lib/measures';
import { type Rating, type Vital, VITAL_NAMES, VITALS } from '../../lib/vitals';
import { addFilter, filterOn } from '../../state/filters';
import { type Change, place } from '../../state/place.svelte';
import type { Where } from '../../state/questions';

export type Timing = Vital | 'load';

export const TIMINGS: Timing[] = [...VITAL_NAMES, 'load'];

/** The one that charts and tables show. */
export function chosenTiming(): Timing {
  return TIMINGS.find((name) => name === place.more('vital')) ?? 'lcp';
}

export function shortName(timing: Timing): string {
  return timing === 'load' ? 'Load time' : VITALS[timing].short;
}

/** A value of a timing as text, at whatever statistic. */
export function formatTiming(timing: Timing, value: number | null): string {
  return formatMeasure(`${timing}_p75`, value);
}

export function rateTiming(timing: Timing, value: number | null): Rating | undefined {
  return rateMeasure(`${timing}_p75`, value);
}

export const COLOURS: Record<Rating, string> = { good: 'good', 'needs-improvement': 'fair', poor: 'poor' };

/** The rating as the API writes it. */
export function ratingOf(text: string): Rating | undefined {
  return ({ good: 'good', needs_improvement: 'needs-improvement', poor: 'poor' } as const)[text];
}

/** The measures that tell how the samples are spread: shares of a vital, numbers of loads. */
export function bandMeasures(timing: Timing): [string, string, string] {
  if (timing === 'load') return ['navigation_satisfied', 'navigation_tolerated', 'navigation_frustrated'];
  return [`${timing}_good`, `${timing}_needs_improvement`, `${timing}_poor`];
}

/** The scope of a panel: all pages as the viewer filters them, or the one that has a page of its own. */
export interface PageScope {
  where: Where[];
  without: string[];
}

export const ALL_PAGES: PageScope = { where: [], without: [] };

export function onePage(group: string): PageScope {
  return { where: [{ dimension: 'page_group', values: [group] }], without: ['page_group'] };
}

/** Where a page leads: to a page of its own. One without a name has none, and is filtered by. */
export function toPage(group: string | null, timing: Timing): Change {
  const more = { vital: timing === 'lcp' ? '' : timing };
  if (group === null || group === '') {
    return { filters: addFilter(place.current.filters, filterOn('page_group', group)), more };
  }
  return { view: 'performance', item: group, more };
}

/** Another view, about the same page. */
export function elsewhere(view: string, page: string): Change {
  if (page === '') return { view, item: '' };
  return { view, item: '', filters: addFilter(place.current.filters, filterOn('page_group', page)) };
}
