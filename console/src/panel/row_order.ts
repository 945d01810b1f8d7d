// The order of a list's rows, and how it stands in the address: `sessions`, or `sessions.up` for the other way. Pure.

import type { Answer } from '../api/answer';
import type { Sort } from '../design/DataTable.svelte';

/** The order of a text in the address; without one it is by `usual`, the largest first. */
export function readSort(text: string, usual: string): Sort {
  const [by = '', way] = text.split('.');
  return by === '' ? { by: usual, desc: true } : { by, desc: way !== 'up' };
}

export function sortText({ by, desc }: Sort, usual: string): string {
  return by === usual && desc ? '' : `${by}${desc ? '' : '.up'}`;
}

/** Places of the rows in an order; what is unknown stands last. */
export function sorted(answer: Answer, { by, desc }: Sort): number[] {
  const rows = Array.from({ length: answer.length }, (_, row) => row);
  return rows.toSorted((one, other) => {
    const [left, right] = [answer.at(one, by), answer.at(other, by)];
    if (left === null || right === null) return Number(left === null) - Number(right === null) || one - other;
    const ahead = typeof left === 'string' ? left.localeCompare(String(right)) : Number(left) - Number(right);
    return (desc ? -ahead : ahead) || one - other;
  });
}
