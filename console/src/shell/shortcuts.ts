// The keys that hold on every view.

import type { Binding } from '../keys/keys';
import { formatSpan } from '../lib/time';
import { go, place, refresh } from '../state/place.svelte';
import { PRESETS, type Preset, rangeLabel, stepRange } from '../state/ranges';
import type { Percentile } from '../state/url';
import { MONITORS_VIEW, viewNamed, VIEWS } from '../views';
import { overlays } from './overlays.svelte';

/** Higher percentiles share a key: each press goes one further. */
const NINES: Percentile[] = [90, 95, 99];

function nextNine(): Percentile {
  return NINES[(NINES.indexOf(place.current.percentile) + 1) % NINES.length] ?? 90;
}

/** `/` goes to the search of the view, where it has one. */
function search(): void {
  const field = document.querySelector<HTMLElement>('main [data-search] input, main input[type=search]');
  if (field !== null) field.focus();
  else overlays.newFilter();
}

/** Where the view has a range at all. */
function ownRange(): void {
  overlays.range = !(viewNamed(place.current.view)?.without?.includes('range') ?? false);
}

export function toggleCompare(): void {
  go({ compare: place.current.compare === '' ? 'previous' : '' });
}

export const SHORTCUTS: Binding[] = [
  {
    keys: 'ctrl+k',
    label: 'Command palette',
    group: 'Everywhere',
    always: true,
    run: () => (overlays.palette = !overlays.palette),
  },
  { keys: '?', label: 'Keyboard shortcuts', group: 'Everywhere', run: () => (overlays.keys = true) },
  { keys: '/', label: 'Search, or add a filter', group: 'Everywhere', run: search },
  {
    keys: 'escape',
    label: 'Close what is open, else clear filters',
    group: 'Everywhere',
    run: () => go({ filters: [] }),
  },
  { keys: 'u', label: 'Ask everything anew', group: 'Everywhere', run: () => refresh() },
  ...(Object.keys(PRESETS) as Preset[]).map((preset): Binding => ({
    keys: PRESETS[preset].key,
    label: rangeLabel(preset, formatSpan),
    group: 'Time',
    run: () => go({ range: preset }),
  })),
  { keys: 'c', label: 'Own range', group: 'Time', run: ownRange },
  {
    keys: 'arrowleft',
    label: 'Period before',
    group: 'Time',
    run: () => go({ range: stepRange(place.current.range, -1, place.now) }),
  },
  {
    keys: 'arrowright',
    label: 'Period after',
    group: 'Time',
    run: () => go({ range: stepRange(place.current.range, 1, place.now) }),
  },
  { keys: 'x', label: 'Compare on or off', group: 'Time', run: toggleCompare },
  { keys: '5', label: 'Median (p50)', group: 'Percentile', run: () => go({ percentile: 50 }) },
  { keys: '7', label: 'p75', group: 'Percentile', run: () => go({ percentile: 75 }) },
  { keys: '9', label: 'p90; again for p95, p99', group: 'Percentile', run: () => go({ percentile: nextNine() }) },
  ...[MONITORS_VIEW, ...VIEWS].map((view): Binding => ({
    keys: `g ${view.key}`,
    label: view.title,
    group: 'Go to',
    run: () => goToView(view.name),
  })),
];

export function goToView(name: string): void {
  if (name === MONITORS_VIEW.name) go({ monitor: '', view: name });
  else if (place.current.monitor !== '') go({ view: name, item: '' });
}
