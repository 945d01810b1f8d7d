// SQL as text: its tokens for colours, its statements, and where an error of the engine points to. Pure.

export type TokenKind =
  'keyword' | 'function' | 'string' | 'number' | 'comment' | 'name' | 'quoted' | 'symbol' | 'space';

export interface Token {
  kind: TokenKind;
  text: string;
  from: number;
}

/** A part of a text, from a place up to another. */
export interface Part {
  from: number;
  to: number;
}

export const KEYWORDS = new Set(
  `ALL AND ANTI ANY AS ASC ASOF BETWEEN BY CASE CAST COLLATE CROSS DESC DESCRIBE DISTINCT ELSE END ESCAPE EXCEPT EXCLUDE EXISTS
  FALSE FILTER FIRST FOLLOWING FROM FULL GROUP HAVING ILIKE IN INNER INTERSECT INTERVAL IS JOIN LAST LEFT LIKE LIMIT NATURAL
  NOT NULL NULLS OFFSET ON OR ORDER OUTER OVER PARTITION PIVOT POSITIONAL PRECEDING QUALIFY RANGE RECURSIVE REPLACE RIGHT ROW
  ROWS SAMPLE SELECT SEMI SIMILAR SUMMARIZE THEN TO TRUE UNBOUNDED UNION UNPIVOT USING VALUES WHEN WHERE WINDOW WITH WITHIN`
    .split(/\s+/)
    .filter(Boolean),
);

const SHAPES: [TokenKind, RegExp][] = [
  ['space', /\s+/y],
  ['comment', /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y],
  ['string', /'(?:[^']|'')*(?:'|$)|\$\$[\s\S]*?(?:\$\$|$)/y],
  ['quoted', /"(?:[^"]|"")*(?:"|$)/y],
  ['number', /\d+(?:\.\d*)?(?:[eE][+-]?\d+)?/y],
  ['name', /[\p{L}_][\p{L}\p{N}_$]*/uy],
  ['symbol', /[\s\S]/uy],
];

/** The whole text in tokens, in order, with nothing left out. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let from = 0;
  while (from < text.length) {
    for (const [kind, shape] of SHAPES) {
      shape.lastIndex = from;
      const found = shape.exec(text);
      if (found === null) continue;
      tokens.push({ kind: kind === 'name' ? wordKind(text, found[0], from) : kind, text: found[0], from });
      from += found[0].length;
      break;
    }
  }
  return tokens;
}

function wordKind(text: string, word: string, from: number): TokenKind {
  // A word that SQL knows may be a column's name, too: `date_trunc('day', …)` is told by its bracket.
  if (
    /^\s*\(/.test(text.slice(from + word.length, from + word.length + 8)) &&
    !BEFORE_BRACKETS.has(word.toUpperCase())
  ) {
    return 'function';
  }
  const known = KEYWORDS.has(word.toUpperCase()) || (UNITS.test(word) && /[\d'] $/.test(text.slice(from - 2, from)));
  return known ? 'keyword' : 'name';
}

/** Behind a number they are a span of time; elsewhere they may be a column. */
const UNITS = /^(second|minute|hour|day|week|month|year)s?$/i;
const BEFORE_BRACKETS = new Set(
  'ALL AND ANY AS BETWEEN BY CAST DISTINCT ELSE EXCEPT EXCLUDE EXISTS FILTER FROM HAVING IN INTERSECT JOIN NOT ON OR OVER REPLACE SELECT THEN UNION USING VALUES WHEN WHERE WITH'.split(
    ' ',
  ),
);

/** The statements of a text without their semicolons; what is nothing but space and comments is none. */
export function statementsOf(text: string): Part[] {
  const found: Part[] = [];
  let from = 0;
  let words = false;
  const close = (to: number): void => {
    if (words) found.push(trimmed(text, { from, to }));
    from = to + 1;
    words = false;
  };
  for (const token of tokensOf(text)) {
    if (token.kind === 'symbol' && token.text === ';') close(token.from);
    else words ||= token.kind !== 'space' && token.kind !== 'comment';
  }
  close(text.length);
  return found;
}

function trimmed(text: string, { from, to }: Part): Part {
  const inner = text.slice(from, to);
  return { from: from + (inner.length - inner.trimStart().length), to: to - (inner.length - inner.trimEnd().length) };
}

/** Which statement a place belongs to: the one it is in, else the one before it. */
export function statementAt(statements: Part[], place: number): number {
  return Math.max(
    0,
    statements.findLastIndex(({ from }) => from <= place),
  );
}

const POINTED = /\n\s*LINE (\d+): ?([^\n]*)\n( *)(\^+)\s*$/;

/** The engine's message without its drawing of the place, and the place itself in the text. */
export function readError(message: string, text: string): { message: string; place: Part | undefined } {
  const found = POINTED.exec(message);
  if (found === null) return { message, place: undefined };
  const [, number = '1', excerpt = '', space = '', marks = ''] = found;
  const told = message.slice(0, found.index).trim();
  const lines = text.split('\n');
  const line = lines[Number(number) - 1];
  if (line === undefined) return { message: told, place: undefined };
  const begins = excerpt.startsWith('...') && !line.startsWith('...') ? 3 : 0;
  const inner = excerpt.slice(begins).replace(/\.\.\.$/, '');
  const shift = line.indexOf(inner);
  const column = space.length - `LINE ${number}: `.length - begins + Math.max(0, shift);
  const start = lines.slice(0, Number(number) - 1).reduce((sum, each) => sum + each.length + 1, 0);
  const from = start + Math.max(0, Math.min(column, line.length));
  return { message: told, place: { from, to: Math.min(from + marks.length, start + line.length) } };
}

/** Line and column of a place, both from 1. */
export function lineAndColumn(text: string, place: number): { line: number; column: number } {
  const before = text.slice(0, place);
  return { line: before.split('\n').length, column: place - (before.lastIndexOf('\n') + 1) + 1 };
}
