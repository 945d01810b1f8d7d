// What changed between two times, and by how much more than chance would: the strongest first. Pure.
// A rough ranking of what is worth a look, and no verdict: that is the releases view's.

import type { Answer, Value } from '../../api/answer';

export interface Found {
  /** What leads on: a measure of the whole, a value of a dimension, an error, a release. */
  about:
    | { kind: 'measure'; measure: string }
    | { kind: 'value'; dimension: string; value: Value; measure: string }
    | { kind: 'error'; error: string; title: string; sessions: number }
    | { kind: 'release'; release: string; time: number };
  now: number | null;
  before: number | null;
  /** Standard errors between the two, roughly. */
  strength: number;
}

/** Below this many standard errors a change may be chance: of some fifty that are looked at, one in ten thousand is. */
const STRONG = 3.5;
const OF_A_KIND = 2;
/** Of the values of a dimension so many are looked at, those with most: among more, chance would find something. */
const LOOKED_AT = 40;

/** A count against another: as Poisson has it. */
function ofCounts(now: number, before: number, scale = 1): number {
  const expected = before * scale;
  return (now - expected) / Math.sqrt(Math.max(1, now + expected * scale));
}

/** A share of many against another. */
function ofShares(now: number, before: number, many: number, manyBefore: number): number {
  const pooled = (now * many + before * manyBefore) / Math.max(1, many + manyBefore);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / Math.max(1, many) + 1 / Math.max(1, manyBefore)));
  return error > 0 ? (now - before) / error : 0;
}

// Timings are spread about as a log-normal of this width; the error of a p75 then is so many times it over the root of n.
const SPREAD = 0.6;
const OF_P75 = 1.36;

function ofPercentiles(now: number, before: number, samples: number): number {
  if (now <= 0 || before <= 0) return 0;
  return (Math.log(now / before) * Math.sqrt(samples)) / (SPREAD * OF_P75 * Math.SQRT2);
}

/** Of the whole. `traffic` has sessions and rates, `vitals` the timings; both with what they are compared with. */
export function ofTheWhole(traffic: Answer, vitals: Answer): Found[] {
  const both = (answer: Answer, measure: string): [number, number] | undefined => {
    const [now, before] = [answer.number(0, measure), answer.before(0, measure)];
    return now === null || before === null || before === undefined ? undefined : [now, before];
  };
  const [sessions, sessionsBefore] = both(traffic, 'sessions') ?? [0, 0];
  if (sessionsBefore === 0) return [];
  const found: Found[] = [];
  const add = (
    measure: string,
    pair: [number, number] | undefined,
    strength: (now: number, was: number) => number,
  ): void => {
    if (pair)
      found.push({ about: { kind: 'measure', measure }, now: pair[0], before: pair[1], strength: strength(...pair) });
  };
  add('sessions', both(traffic, 'sessions'), (now, was) => ofCounts(now, was));
  for (const measure of ['error_session_rate', 'http_error_rate', 'bounce_rate']) {
    add(measure, both(traffic, measure), (now, was) => ofShares(now, was, sessions, sessionsBefore));
  }
  for (const measure of vitals.columns.filter((name) => /^(lcp|inp|cls|fcp|ttfb)_p\d+$/.test(name))) {
    add(measure, both(vitals, measure), (now, was) =>
      ofPercentiles(now, was, Math.min(1, sessionsBefore / Math.max(1, sessions)) * (vitals.samples(0, measure) ?? 0)),
    );
  }
  return found;
}

/** Of the values of a dimension, beyond what the whole does: where all have more, more is no news. */
export function ofValues(answer: Answer, measure: string, whole: { now: number; before: number }): Found[] {
  const [dimension = ''] = answer.columns;
  if (whole.before === 0) return [];
  return answer
    .most((row) => answer.number(row, measure), LOOKED_AT)
    .flatMap((row): Found[] => {
      const [now, before] = [answer.number(row, measure), answer.before(row, measure) ?? 0];
      if (now === null) return [];
      const strength = ofCounts(now, before, whole.now / whole.before);
      return [
        { about: { kind: 'value', dimension, value: answer.at(row, dimension), measure }, now, before, strength },
      ];
    });
}

export function ofErrors(answer: Answer): Found[] {
  return answer.rows.flatMap((_, row): Found[] => {
    if (answer.at(row, 'new') !== true) return [];
    const sessions = answer.number(row, 'sessions') ?? 0;
    const about = {
      kind: 'error',
      error: answer.text(row, 'error'),
      title: answer.text(row, 'title'),
      sessions,
    } as const;
    return [{ about, now: sessions, before: 0, strength: STRONG + Math.sqrt(sessions) }];
  });
}

/** The strongest, and not too many of one kind. */
export function strongest(found: readonly Found[], most: number): Found[] {
  const taken = new Map<string, number>();
  return found
    .filter(({ strength }) => Math.abs(strength) >= STRONG)
    .toSorted((one, other) => Math.abs(other.strength) - Math.abs(one.strength))
    .filter(({ about }) => {
      const kind = about.kind === 'value' ? about.dimension : about.kind === 'measure' ? about.measure : about.kind;
      taken.set(kind, (taken.get(kind) ?? 0) + 1);
      return (taken.get(kind) ?? 0) <= OF_A_KIND;
    })
    .slice(0, most);
}
