// How the console is built: hashed files under assets/, one entry, views and charts as chunks of their own.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { worldMap } from './world_map';

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

export default defineConfig({
  base: '/console/',
  plugins: [svelte(), emptyWithoutMarkup(), worldMap()],
  build: {
    target: ['chrome123', 'edge123', 'firefox125', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: Object.fromEntries(['/api', '/client', '/demo', '/appmonitors'].map((path) => [path, server])),
  },
});
