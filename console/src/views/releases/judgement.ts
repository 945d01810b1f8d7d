// A verdict as the API gives it beside its rows, and how its figures are written. Pure.

import type { Answer } from '../../api/answer';
import { formatMeasure } from '../../lib/measures';
import { NOTHING } from '../../lib/format';

interface End {
  value: number | null;
  samples: number;
  sessions: number | null;
}

/** A figure with its interval; a bound is null where there is none. */
export interface Figure {
  value: number | null;
  low?: number | null;
  high?: number | null;
}

export interface Judgement {
  verdict: string;
  sentence: string;
  baseline: End;
  candidate: End;
  difference: Figure | null;
  explained: Figure | null;
  remaining: (Figure & { verdict: string }) | null;
  parts_compared: number;
  compared_share: number;
  confidence: number;
}

export function judgementOf(answer: Answer): Judgement {
  return answer.form as unknown as Judgement;
}

/** The sentence without the verdict it begins with, which stands over it, and with numbers written as beside it. */
export function reasonOf({ verdict, sentence }: Judgement): string {
  const begins = `${verdict}. `;
  const reason = sentence.toLowerCase().startsWith(begins) ? sentence.slice(begins.length) : sentence;
  return reason.replace(/(\d) %/g, '$1%').replace(/(^|[\s(])-(?=\d)/g, '$1−');
}

export const WORDS: Record<string, { text: string; mood: string }> = {
  better: { text: 'Better', mood: 'better' },
  worse: { text: 'Worse', mood: 'worse' },
  'not proven': { text: 'Not proven', mood: 'open' },
};

/** A token of design/tokens.css. */
export function colourOf(verdict: string): string {
  return verdict === 'better' ? 'good' : verdict === 'worse' ? 'poor' : 'series-6';
}

/** A difference of a timing with its sign: "+180 ms". */
export function signed(timing: string, value: number | null | undefined): string {
  if (value === undefined) return '';
  if (value === null) return NOTHING;
  const text = formatMeasure(`${timing}_p75`, Math.abs(value));
  return value > 0 ? `+${text}` : value < 0 ? `−${text}` : text;
}

/** How far a line around zero must reach, to hold every figure: its bounds too, up to some times the values. */
export function reachOf(figures: readonly Figure[]): number {
  const bounds = figures.flatMap(({ value, low, high }) => [value, low, high]);
  return 1.05 * Math.max(...bounds.map((each) => Math.abs(each ?? 0)), 1e-9);
}
