// Steps of a funnel in the address, and one to begin with, made of where people go. Pure.

import type { Answer, Value } from '../../api/answer';
import { type Filter, formatFilter, parseFilter } from '../../state/filters';

export const STEPS_MAX = 10;

/** What a step can be, in the order the editor offers it. */
export const KINDS = ['page_group', 'page', 'type', 'http_url', 'dom_event', 'error_title', 'title'];

/** Within which time the steps must be taken, by milliseconds. */
export const WITHIN: { value: string; label: string; ms: number | null }[] = [
  { value: '', label: 'at any time', ms: null },
  { value: '60000', label: 'within 1 minute', ms: 60_000 },
  { value: '300000', label: 'within 5 minutes', ms: 300_000 },
  { value: '1800000', label: 'within 30 minutes', ms: 1_800_000 },
  { value: '86400000', label: 'within a day', ms: 86_400_000 },
  { value: '604800000', label: 'within 7 days', ms: 604_800_000 },
];

/** `page_group.is./cart;page_group.is./checkout`: filters parted by semicolons, one within a value behind a backslash. */
export function formatSteps(steps: readonly Filter[]): string {
  return steps.map((step) => formatFilter(step).replaceAll(';', '\\;')).join(';');
}

export function parseSteps(text: string): Filter[] {
  return splitSteps(text)
    .flatMap((each) => parseFilter(each) ?? [])
    .slice(0, STEPS_MAX);
}

// What stands behind a backslash is left as it is, backslash and all: the filter's own reading takes it away.
function splitSteps(text: string): string[] {
  const parts = [''];
  for (let at = 0; at < text.length; at++) {
    const sign = text.charAt(at);
    if (sign === ';') parts.push('');
    else parts[parts.length - 1] += sign === '\\' ? sign + text.charAt(++at) : sign;
  }
  return parts;
}

export function stepOn(dimension: string, value: string): Filter {
  return { dimension, op: value.includes('*') ? 'matches' : 'is', values: [value] };
}

const SUGGESTED_MAX = 5;
const SHARE_MIN = 0.01;

/**
 * A way that many take to its end: the page that is reached from nearly one page alone and followed by nearly none, and
 * backwards from it to where most come from. `answer` has pairs of pages; `exits` how many sessions end on each.
 */
export function suggest(answer: Answer, exits: readonly [Value, number][]): string[] {
  const into = new Map<string, Map<string, number>>();
  const total = new Map<string, number>();
  for (let row = 0; row < answer.length; row++) {
    const [from, to, count] = [answer.text(row, 'from'), answer.text(row, 'to'), answer.number(row, 'count') ?? 0];
    if (from === '' || to === '') continue;
    into.set(to, (into.get(to) ?? new Map<string, number>()).set(from, count));
    total.set(to, (total.get(to) ?? 0) + count);
  }
  const all = exits.reduce((sum, [, count]) => sum + count, 0);
  const ended = new Map(exits.map(([page, count]) => [String(page), count]));
  const weight = (page: string): number => {
    const reached = total.get(page) ?? 0;
    const most = Math.max(0, ...(into.get(page)?.values() ?? []));
    return reached < all * SHARE_MIN ? 0 : (most / reached) * Math.min(1, (ended.get(page) ?? 0) / reached);
  };
  const goal = [...into.keys()].sort((one, other) => weight(other) - weight(one))[0];
  const steps: string[] = [];
  for (let page = goal; page !== undefined && steps.length < SUGGESTED_MAX;) {
    steps.unshift(page);
    const before: [string, number][] = [...(into.get(page) ?? [])].filter(([from]) => !steps.includes(from));
    page = before.sort(([, one], [, other]) => other - one)[0]?.[0];
  }
  return steps;
}
