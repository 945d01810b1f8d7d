// How the console is built: hashed files under assets/, one entry, views and charts as chunks of their own.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { classicScript, COMPILE_AT_ONCE } from './classic_script';
import { worldMap } from './world_map';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const server = process.env.OPENRUM_URL ?? 'http://127.0.0.1:8080';

/** ECharts empties its element by `innerHTML = ''`, which the console's policy forbids like any other markup from a text. */
function emptyWithoutMarkup(): Plugin {
  return {
    name: 'empty-without-markup',
    transform(code, id) {
      if (!id.includes('zrender/lib/canvas/Painter.js')) return null;
      const changed = code.replaceAll(/(\w+(?:\.\w+)?)\.innerHTML = '';/g, '$1.replaceChildren();');
      if (changed === code || changed.includes('innerHTML')) this.error('zrender no longer looks as expected here');
      return { code: changed, map: null };
    },
  };
}

/** What runs before the first paint stays files of its own, and they get hashed names: nobody waits for them twice. */
function firstScripts(...paths: string[]): Plugin {
  const files = paths.map((path) => {
    const source = readFileSync(here(path), 'utf8');
    const hash = createHash('sha256').update(source).digest('hex').slice(0, 8);
    return { path, source, fileName: `assets/${basename(path, '.js')}-${hash}.js` };
  });
  return {
    name: 'first-scripts',
    apply: 'build',
    buildStart() {
      for (const { fileName, source } of files) this.emitFile({ type: 'asset', fileName, source });
    },
    transformIndexHtml: {
      order: 'post',
      handler: (html) => files.reduce((made, { path, fileName }) => made.replace(path, fileName), html),
    },
  };
}

/** Our own code is nearly all needed for the first view: V8 is told to compile it while it comes, beside the page, and not piece by piece
 * when the page calls for it. */
function compileAtOnce(chunk: { name: string }): string {
  return /world-map/.test(chunk.name) ? '' : COMPILE_AT_ONCE;
}

/** What most views share is one file: a view is asked for by two requests, not by twenty. */
function isShared(id: string): boolean {
  // Who imports this one wants ECharts at once.
  return !id.includes('MetricChart');
}

const painter = { name: 'painter', entry: here('src/charts/painter.ts'), plugins: [emptyWithoutMarkup()] };

export default defineConfig({
  base: '/console/',
  plugins: [
    svelte(),
    emptyWithoutMarkup(),
    classicScript(painter),
    worldMap(),
    firstScripts('src/api/early.js', 'src/theme.js'),
  ],
  build: {
    target: ['chrome123', 'edge123', 'firefox125', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        codeSplitting: { groups: [{ name: 'shared', test: isShared, minShareCount: 3 }] },
        postBanner: compileAtOnce,
      },
    },
  },
  server: {
    proxy: Object.fromEntries(['/api', '/client', '/demo', '/appmonitors'].map((path) => [path, server])),
  },
});
