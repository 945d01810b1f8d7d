// The address that a value of an answer leads to.

import { filterOn } from '../../state/filters';
import { hrefTo } from '../../state/place.svelte';
import { leadsTo } from './result';

/** The address; undefined where the value leads nowhere. */
export function hrefOf(column: string, value: unknown): string | undefined {
  const leads = leadsTo(column, value);
  if (leads === undefined) return undefined;
  if (leads.to !== 'events') return hrefTo({ view: leads.to, item: leads.item });
  // SQL has no range of the address: what it found may be older than what the viewer looked at last.
  return hrefTo({ view: 'events', item: '', range: '28d', filters: [filterOn(leads.dimension, leads.value)] });
}
