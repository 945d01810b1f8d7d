// What may lie over every view and is no place of its own: the palette, the list of keys, the filter dialog, the
// navigation on a phone, the picker of a range.

import type { Filter } from '../state/filters';

class Overlays {
  palette = $state(false);
  keys = $state(false);
  navigation = $state(false);
  range = $state(false);
  /** The filter that is edited: its place among the filters, or -1 for a new one. Undefined while none is. */
  filter = $state.raw<{ at: number; filter: Filter }>();

  editFilter(at: number, filter: Filter): void {
    this.filter = { at, filter };
  }

  newFilter(): void {
    this.filter = { at: -1, filter: { dimension: 'page_group', op: 'is', values: [] } };
  }
}

export const overlays = new Overlays();
