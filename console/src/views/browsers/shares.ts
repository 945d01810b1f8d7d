// Shares of a dimension's values over time: the largest by themselves, all others together. Pure.

import type { Answer, Value } from '../../api/answer';
import { formatValue, NO_VALUE } from '../../lib/dimensions';

export interface Share {
  name: string;
  /** By bucket, 0 to 1; null where nobody was there. */
  values: (number | null)[];
  colour: string;
}

const OTHERS = 'All others';

/** `answer` has a measure by `time` and a dimension, in any order of its rows. */
export function sharesOf(answer: Answer, most = 5): { times: number[]; shares: Share[] } {
  const [timeColumn = 'time', dimension = '', measure = ''] = answer.columns;
  const times = [...new Set(answer.column(timeColumn).map(Number))].sort((one, other) => one - other);
  const place = new Map(times.map((time, at) => [time, at]));
  const sums = new Map<Value, number>();
  const totals = times.map(() => 0);
  const counts = new Map<Value, number[]>();
  for (let row = 0; row < answer.length; row++) {
    const at = place.get(answer.number(row, timeColumn) ?? NaN);
    const count = answer.number(row, measure) ?? 0;
    if (at === undefined || count === 0) continue;
    const value = answer.at(row, dimension);
    const line = counts.get(value) ?? times.map(() => 0);
    line[at] = (line[at] ?? 0) + count;
    totals[at] = (totals[at] ?? 0) + count;
    counts.set(value, line);
    sums.set(value, (sums.get(value) ?? 0) + count);
  }
  const ranked = [...sums].sort(([, one], [, other]) => other - one).map(([value]) => value);
  const shown = ranked.slice(0, most);
  const names = namesOf(dimension, shown);
  const share = (line: number[]): (number | null)[] =>
    line.map((count, at) => ((totals[at] ?? 0) === 0 ? null : count / (totals[at] ?? 1)));
  const shares = shown.map((value, at) => ({
    name: names[at] ?? '',
    values: share(counts.get(value) ?? []),
    colour: `series-${at + 1}`,
  }));
  if (ranked.length > most) {
    const rest = times.map((_, at) =>
      ranked.slice(most).reduce<number>((sum, value) => sum + (counts.get(value)?.[at] ?? 0), 0),
    );
    shares.push({ name: OTHERS, values: share(rest), colour: 'series-previous' });
  }
  return { times, shares };
}

/** No two alike: somebody's browser may call itself what we call those without a name. */
function namesOf(dimension: string, values: readonly Value[]): string[] {
  const taken = new Set<string>([OTHERS]);
  return values.map((value) => {
    const name = value === null ? NO_VALUE : formatValue(dimension, value);
    let unique = name;
    for (let again = 2; taken.has(unique); again++) unique = `${name} (${again})`;
    taken.add(unique);
    return unique;
  });
}
