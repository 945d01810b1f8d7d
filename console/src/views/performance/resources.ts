// Words for what pages fetch.

import { formatRatio, NOTHING } from '../../lib/format';

/** How often a load fetches a file. */
export function perLoad(value: unknown): string {
  if (typeof value !== 'number') return NOTHING;
  return value > 0 && value < 0.005 ? '<0.01' : formatRatio(value);
}
