// What a monitor is set to, asked and kept fresh by what each change answers.

import { getting } from '../api/doors';
import { monitorPath, type Owned } from '../api/owners';
import { ask, type Asked } from './ask.svelte';

/** The monitor in full; null asks nothing. What a change answers is put into `answer`. */
export function askOwned(name: () => string | null): Asked<Owned> {
  return ask<Owned>(() => {
    const monitor = name();
    return monitor === null ? null : { call: getting(monitorPath(monitor)), monitor, read: (form) => form as Owned };
  });
}
