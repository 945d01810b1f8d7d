// The list of groups: its colours, and the answers that its charts are made of. Pure.

import { Answer } from '../../api/answer';
import { sorted } from '../../panel/row_order';

export const LIMIT = 200;
export const USUAL_SORT = 'sessions';
/** Groups with a colour of their own in the chart. */
export const COLOURED = 5;
export const OTHER = 'series-previous';

/** Filters on what only errors have do not say who else was there. */
export const OF_ERRORS = ['error', 'error_title', 'error_type', 'type'];
export const IS_ERROR = { dimension: 'type', values: ['js_error_event'] };

/** The groups of most events, each with its colour. */
export function coloured(answer: Answer | undefined): Map<string, string> {
  if (answer === undefined) return new Map();
  const top = sorted(answer, { by: 'count', desc: true }).slice(0, COLOURED);
  return new Map(top.map((row, at) => [answer.text(row, 'error'), `series-${at + 1}`]));
}

/** How a cell of pairs is told: the values, the commonest first. */
export function valuesOf(answer: Answer, row: number, column: string): (string | null)[] {
  return ((answer.cell(row, column) as [string | null, number][] | undefined) ?? []).map(([value]) => value);
}

/** What a group is called. */
export function titleOf(answer: Answer, row: number): string {
  return answer.text(row, 'title') || answer.text(row, 'type') || '(no message)';
}

/** The share of sessions without an error: of the errors that pass the filters, and of the sessions that pass the others. */
export function errorFree(errors: Answer | undefined, all: Answer | undefined): Answer | undefined {
  if (errors === undefined || all === undefined || errors.length !== all.length) return undefined;
  const share = (row: number, suffix: string): number | null => {
    const sessions = all.number(row, `sessions${suffix}`);
    return sessions ? 1 - (errors.number(row, `error_sessions${suffix}`) ?? 0) / sessions : null;
  };
  const labels = errors.columns.filter((name) => name === 'time');
  const before = errors.has('error_sessions_previous') ? ['_previous'] : [];
  return new Answer({
    ...all.form,
    samples: [],
    hints: [],
    columns: [...labels, 'error_free_sessions', ...before.map((suffix) => `error_free_sessions${suffix}`)],
    rows: errors.rows.map((_, row) => [
      ...labels.map((name) => errors.at(row, name)),
      share(row, ''),
      ...before.map((suffix) => share(row, suffix)),
    ]),
  });
}

/** The same answer with another name for a measure: users who met an error are no good news, as users otherwise are. */
export function renamed(answer: Answer | undefined, from: string, to: string): Answer | undefined {
  if (answer === undefined) return undefined;
  const columns = answer.columns.map((name) =>
    name === from || name === `${from}_previous` ? name.replace(from, to) : name,
  );
  return new Answer({ ...answer.form, columns });
}

/** Errors over time, a column a group and one for all others, of an answer by time and error and one by time alone. */
export function byGroup(parts: Answer, whole: Answer, names: string[]): Answer {
  const counts = new Map<string, number>();
  for (let row = 0; row < parts.length; row++) {
    counts.set(`${parts.text(row, 'time')} ${parts.text(row, 'error')}`, parts.number(row, 'js_errors') ?? 0);
  }
  const rows = whole.rows.map((_, row) => {
    const time = whole.text(row, 'time');
    const known = names.map((name) => counts.get(`${time} ${name}`) ?? 0);
    const others = (whole.number(row, 'js_errors') ?? 0) - known.reduce((sum, count) => sum + count, 0);
    return [whole.at(row, 'time'), ...known, Math.max(0, others)];
  });
  return new Answer({ ...whole.form, samples: [], hints: [], columns: ['time', ...names, ''], rows });
}
