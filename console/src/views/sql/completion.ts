// What may stand at the caret: views, their columns, functions, words of SQL. Pure.

import { KEYWORDS, type Token, tokensOf } from './sql_text';

export interface ColumnTold {
  name: string;
  type: string;
  meaning: string;
}

export interface ViewTold {
  name: string;
  meaning: string;
  columns: ColumnTold[];
}

export interface Proposal {
  text: string;
  /** What is put in its place; the text itself where this is undefined. */
  insert?: string;
  kind: 'view' | 'column' | 'function' | 'keyword';
  detail: string;
}

export interface Proposals {
  /** Where the word that is being typed begins. */
  from: number;
  list: Proposal[];
}

const SHOWN_MAX = 40;
const FUNCTIONS: Record<string, string> = {
  count: 'rows, or values that are there',
  sum: 'of numbers',
  avg: 'mean',
  min: 'smallest',
  max: 'largest',
  median: 'of numbers',
  quantile_cont: '(x, 0.75): percentile',
  approx_count_distinct: 'distinct values, about',
  arg_max: '(x, y): x where y is largest',
  arg_min: '(x, y): x where y is smallest',
  any_value: 'one of them',
  list: 'all of them',
  string_agg: "(x, ', ')",
  histogram: 'values and how often each is there',
  date_trunc: "('hour', time)",
  time_bucket: '(INTERVAL 15 MINUTE, time)',
  date_part: "('hour', time)",
  date_diff: "('minute', a, b)",
  strftime: "(time, '%Y-%m-%d')",
  now: 'this moment',
  epoch_ms: 'milliseconds since 1970',
  coalesce: 'the first that is not null',
  nullif: '(x, 0)',
  round: '(x, digits)',
  greatest: 'largest of several',
  least: 'smallest of several',
  lower: 'in lower case',
  split_part: "(text, '/', 2)",
  regexp_extract: "(text, 'pattern', 1)",
  regexp_matches: "(text, 'pattern')",
  contains: '(text, part)',
  starts_with: '(text, part)',
  json_extract_string: "(attributes, '$.plan')",
  len: 'of a list or a text',
  unnest: 'a row for each of a list',
  row_number: 'OVER (…)',
  lag: 'OVER (…)',
  lead: 'OVER (…)',
};
const NAMES_A_TABLE = new Set(['FROM', 'JOIN', 'DESCRIBE', 'SUMMARIZE']);

/** What to propose at a place of a statement; undefined where nothing is to be completed. */
export function proposalsAt(text: string, place: number, views: ViewTold[], asked: boolean): Proposals | undefined {
  const word = /[\p{L}\p{N}_]*$/u.exec(text.slice(0, place))?.[0] ?? '';
  const from = place - word.length;
  const tokens = tokensOf(text);
  const within = tokens.find((token) => token.from < place && place <= token.from + token.text.length);
  if (within && ['comment', 'string', 'quoted'].includes(within.kind) && !isClosed(within, place)) return undefined;
  const owner = /([\p{L}\p{N}_]+)\.$/u.exec(text.slice(0, from))?.[1];
  if (word === '' && owner === undefined && !asked) return undefined;
  if (/^\d/.test(word)) return undefined;
  const list = ranked(candidates(tokens, from, owner, views), word);
  const only = list[0];
  if (list.length === 0 || (list.length === 1 && only?.text === word)) return undefined;
  return { from, list: list.slice(0, SHOWN_MAX) };
}

function isClosed({ kind, text, from }: Token, place: number): boolean {
  if (place < from + text.length) return false;
  if (kind === 'comment') return text.startsWith('/*') && text.endsWith('*/') && text.length > 3;
  return text.length > 1 && text.endsWith(text.charAt(0));
}

function candidates(tokens: Token[], from: number, owner: string | undefined, views: ViewTold[]): Proposal[] {
  const named = tablesOf(tokens, views);
  if (owner !== undefined) {
    const view = named.get(owner.toLowerCase()) ?? views.find(({ name }) => name === owner.toLowerCase());
    return (view?.columns ?? []).map(columnProposal);
  }
  const before = tokens.findLast(
    (token) => token.from + token.text.length <= from && token.kind !== 'space' && token.kind !== 'comment',
  );
  const tables = [
    ...views.map(viewProposal),
    ...withNames(tokens).map((text) => ({ text, kind: 'view' as const, detail: 'WITH' })),
  ];
  if (before && NAMES_A_TABLE.has(before.text.toUpperCase())) return tables;
  const used = [...new Set(named.values())];
  const columns = (used.length > 0 ? used : views.slice(0, 1)).flatMap((view) => view.columns.map(columnProposal));
  return [
    ...distinct(columns),
    ...Object.entries(FUNCTIONS).map(([text, detail]): Proposal => ({
      text,
      insert: `${text}(`,
      kind: 'function',
      detail,
    })),
    ...[...KEYWORDS].map((text): Proposal => ({ text, kind: 'keyword', detail: '' })),
    ...tables,
  ];
}

/** The views that are read, by the names they go by in the text. */
function tablesOf(tokens: Token[], views: ViewTold[]): Map<string, ViewTold> {
  const words = tokens.filter(({ kind }) => kind !== 'space' && kind !== 'comment');
  const found = new Map<string, ViewTold>();
  words.forEach((token, at) => {
    const view = views.find(({ name }) => name === words[at + 1]?.text.toLowerCase());
    if (view === undefined || !NAMES_A_TABLE.has(token.text.toUpperCase())) return;
    found.set(view.name, view);
    const next = words[at + 2]?.text.toUpperCase() === 'AS' ? words[at + 3] : words[at + 2];
    if (next?.kind === 'name') found.set(next.text.toLowerCase(), view);
  });
  return found;
}

function withNames(tokens: Token[]): string[] {
  const words = tokens.filter(({ kind }) => kind !== 'space' && kind !== 'comment');
  return words
    .filter(
      (token, at) => token.kind === 'name' && words[at + 1]?.text.toUpperCase() === 'AS' && words[at + 2]?.text === '(',
    )
    .map(({ text }) => text);
}

function viewProposal({ name, meaning }: ViewTold): Proposal {
  return { text: name, kind: 'view', detail: meaning };
}

function columnProposal({ name, type, meaning }: ColumnTold): Proposal {
  return { text: name, kind: 'column', detail: `${type.toLowerCase()} · ${meaning.replaceAll('`', '')}` };
}

function distinct(list: Proposal[]): Proposal[] {
  return [...new Map(list.map((each) => [each.text, each])).values()];
}

/** Those that begin with the word, then those that have it within. */
function ranked(list: Proposal[], word: string): Proposal[] {
  const needle = word.toLowerCase();
  const begins = list.filter(({ text }) => text.toLowerCase().startsWith(needle));
  const within =
    needle.length < 2 ? [] : list.filter(({ text }) => text.toLowerCase().indexOf(needle) > 0 && !/^[A-Z]/.test(text));
  return [...begins, ...within];
}
