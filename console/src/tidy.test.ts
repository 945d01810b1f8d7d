// House rules of the console that no linter knows.

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = import.meta.dirname;
const LINES_MAX = 400;
const sources = readdirSync(ROOT, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(svelte|ts|css)$/.test(entry.name) && entry.name !== 'schema.d.ts')
  .map((entry) => join(entry.parentPath, entry.name))
  .map((path) => ({ path: relative(ROOT, path), text: readFileSync(path, 'utf8') }));
const code = sources.filter(({ path }) => !path.endsWith('.test.ts'));

function offending(pattern: RegExp, among = code): string[] {
  return among.filter(({ text }) => pattern.test(text)).map(({ path }) => path);
}

test('only api/ fetches', () => {
  expect(
    offending(/\bfetch\(|XMLHttpRequest|EventSource|WebSocket|sendBeacon/).filter((path) => !path.startsWith('api/')),
  ).toEqual([]);
});

test('what strangers say is shown as text alone: nothing makes markup or code of a value', () => {
  expect(
    offending(/\{@html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function/),
  ).toEqual([]);
});

test('styles keep to the policy: no attribute holds them', () => {
  expect(offending(/\sstyle="|\sstyle=\{|setAttribute\('style'/)).toEqual([]);
});

test('charts know no word of monitoring, and the design neither', () => {
  const inner = code.filter(({ path }) => /^(charts|design)\//.test(path));
  expect(offending(/from '\.\.\/(api|state|panel|shell|views)\/|lib\/(measures|dimensions|vitals)'/, inner)).toEqual(
    [],
  );
});

test('lib is pure, and api and state know nothing that is drawn', () => {
  const pure = code.filter(({ path }) => path.startsWith('lib/'));
  expect(offending(/from '\.\.\/|\$state|\bdocument\b|Date\.now/, pure)).toEqual([]);
  const below = code.filter(({ path }) => /^(api|state)\//.test(path));
  expect(offending(/from '\.\.\/(design|charts|panel|shell|views)\//, below)).toEqual([]);
});

test('a view imports no other view', () => {
  const views = code.filter(({ path }) => path.startsWith('views/') && path !== 'views/index.ts');
  const crossing = views.filter(({ path, text }) => {
    const own = path.split('/')[1];
    return [...text.matchAll(/from '\.\.\/([a-z]+)\//g)].some(([, other]) => other !== own);
  });
  expect(crossing.map(({ path }) => path)).toEqual([]);
});

test('colours are tokens', () => {
  const drawn = code.filter(({ path }) => path.endsWith('.svelte'));
  const literal = /(?:color|background|fill|stroke)[\w-]*:[^;]*#[0-9a-f]{3,8}/;
  // Toasts and the knob of a switch are the same in both themes.
  expect(offending(literal, drawn).filter((path) => !/Toasts|Switch/.test(path))).toEqual([]);
});

test('what scrolls holds what is in it: words that are unseen there would widen the page from outside of it', () => {
  const rules = sources
    .filter(({ path }) => /\.(svelte|css)$/.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/([^{};]+)\{([^{}]*)\}/g)].map(([, selector = '', rule = '']) => ({
        name: `${path}: ${selector.trim()}`,
        rule,
      })),
    );
  const held = new Set(rules.filter(({ rule }) => /\bposition:/.test(rule)).map(({ name }) => name));
  const scrolling = rules.filter(({ rule }) => /\boverflow(-[xy])?: (auto|scroll)/.test(rule)).map(({ name }) => name);
  expect(scrolling.length).toBeGreaterThan(20);
  expect(scrolling.filter((name) => !held.has(name) && !name.endsWith(': html'))).toEqual([]);
});

test('a file is short, and says what it is for', () => {
  expect(code.filter(({ text }) => text.split('\n').length > LINES_MAX).map(({ path }) => path)).toEqual([]);
  const spoken = code.filter(({ path, text }) => !path.endsWith('.css') && !/^(<script[^>]*>\s*)?\/\/ /.test(text));
  const saysLater = spoken.filter(({ text }) => !/<script lang="ts"[^>]*>\n\s+\/\/ /.test(text));
  expect(saysLater.map(({ path }) => path)).toEqual([]);
});

test('nothing is left for later', () => {
  expect(offending(new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].join('|')})\\b`), sources)).toEqual([]);
});
