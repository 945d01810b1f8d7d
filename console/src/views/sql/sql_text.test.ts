// Tokens leave nothing out, statements end at their semicolons and nowhere else, and errors point where the engine says.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineAndColumn, readError, statementAt, statementsOf, tokensOf } from './sql_text';

const pieces = fc.constantFrom(
  "'",
  '"',
  '--',
  '/*',
  '*/',
  ';',
  '\n',
  ' ',
  'SELECT',
  'é',
  '$$',
  '1.5',
  'count(',
  '田',
  '😀',
);
const texts = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(''));

test('tokens are the whole text in its order', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const tokens = tokensOf(text);
      expect(tokens.map((token) => token.text).join('')).toBe(text);
      tokens.forEach((token) => expect(text.startsWith(token.text, token.from)).toBe(true));
    }),
  );
});

test('words are told apart by what they are', () => {
  const kinds = tokensOf(`SELECT count(*), "time" FROM events -- 'x'\nWHERE page = 'it''s' AND n > 1.5`)
    .filter(({ kind }) => kind !== 'space' && kind !== 'symbol')
    .map(({ kind, text }) => `${kind} ${text}`);
  expect(kinds).toEqual([
    'keyword SELECT',
    'function count',
    'quoted "time"',
    'keyword FROM',
    'name events',
    "comment -- 'x'",
    'keyword WHERE',
    'name page',
    "string 'it''s'",
    'keyword AND',
    'name n',
    'number 1.5',
  ]);
});

test('statements end at semicolons, but at none that is quoted or commented', () => {
  const text = "SELECT ';' -- ; \n;\n ; /* ; */\n SELECT 2 ; -- the end";
  const statements = statementsOf(text);
  expect(statements.map(({ from, to }) => text.slice(from, to))).toEqual(["SELECT ';' -- ;", '/* ; */\n SELECT 2']);
  expect([0, 12, 19, 40, text.length].map((place) => statementAt(statements, place))).toEqual([0, 0, 0, 1, 1]);
  expect(statementsOf(' -- nothing')).toEqual([]);
});

test.each([
  ['Binder Error: no x\n\nLINE 2:  x FROM y\n         ^', 'SELECT\n x FROM y', 'x'],
  ['Parser Error: syntax\n\nLINE 1: selec 1\n        ^^^^^', 'selec 1', 'selec'],
  [
    'Error\n\nLINE 1: ...aaaa bad bbbb...\n                ^^^',
    `${'c'.repeat(90)}aaaa bad bbbb${'d'.repeat(90)}`,
    'bad',
  ],
])('an error points at its place: %s', (message, text, marked) => {
  const { place, message: told } = readError(message, text);
  expect(text.slice(place?.from, place?.to)).toBe(marked);
  expect(told).not.toContain('LINE');
});

test('an error that points nowhere, or outside, is told as it is', () => {
  expect(readError('too slow', 'SELECT 1')).toEqual({ message: 'too slow', place: undefined });
  expect(readError('x\n\nLINE 9: a\n        ^', 'SELECT 1').place).toBeUndefined();
});

test('lines and columns count from one', () => {
  expect(lineAndColumn('ab\ncd', 4)).toEqual({ line: 2, column: 2 });
});
