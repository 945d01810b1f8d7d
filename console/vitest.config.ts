// How the unit tests run: in Node, with the console's own build rules.
import { mergeConfig } from 'vite';
import { defineConfig } from 'vitest/config';
import built from './vite.config';

export default mergeConfig(built, defineConfig({ test: { include: ['src/**/*.test.ts'], environment: 'node' } }));
