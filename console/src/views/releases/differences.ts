// Error groups of two sides beside each other: which are new, which are gone, which more of the sessions meet. Pure.

import type { Answer } from '../../api/answer';

export interface Difference {
  error: string;
  title: string;
  state: 'new' | 'gone' | 'both';
  /** Share of the side's sessions; null where it has none of it. */
  before: number | null;
  after: number | null;
  sessions: number;
}

/** New ones first, then what changed most. A side that was cut off cannot tell that a group is not in it. */
export function differencesOf(before: Answer, after: Answer): Difference[] {
  const rowsBy = (answer: Answer): Map<string, number> =>
    new Map(answer.rows.map((_, row) => [answer.text(row, 'error'), row]));
  const [was, is] = [rowsBy(before), rowsBy(after)];
  const found: Difference[] = [];
  for (const [error, row] of is) {
    const old = was.get(error);
    if (old === undefined && before.form.truncated) continue;
    found.push({
      error,
      title: after.text(row, 'title'),
      state: old === undefined ? 'new' : 'both',
      before: old === undefined ? null : before.number(old, 'session_share'),
      after: after.number(row, 'session_share'),
      sessions: after.number(row, 'sessions') ?? 0,
    });
  }
  for (const [error, row] of after.form.truncated ? [] : was) {
    if (is.has(error)) continue;
    const share = before.number(row, 'session_share');
    found.push({ error, title: before.text(row, 'title'), state: 'gone', before: share, after: null, sessions: 0 });
  }
  const rank = { new: 0, both: 1, gone: 2 };
  const change = (each: Difference): number => Math.abs((each.after ?? 0) - (each.before ?? 0));
  return found.sort((one, other) => rank[one.state] - rank[other.state] || change(other) - change(one));
}
