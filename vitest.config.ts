import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    // Tests import the package by its own name, as a user would; only test/dist runs against the built files.
    alias: [
      { find: /^nexus-ai$/, replacement: source('./src/index.ts') },
      { find: /^nexus-ai\/express$/, replacement: source('./src/adapters/express/index.ts') },
      { find: /^nexus-ai\/koa$/, replacement: source('./src/adapters/koa/index.ts') },
      { find: /^nexus-ai\/next$/, replacement: source('./src/adapters/next/index.ts') },
      { find: /^nexus-ai\/node$/, replacement: source('./src/adapters/node/index.ts') },
      { find: /^nexus-ai\/config$/, replacement: source('./src/core/config/public.ts') },
      { find: /^nexus-ai\/testing$/, replacement: source('./src/testing/index.ts') },
    ],
  },
  test: {
    setupFiles: ['./test/support/price-list.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Two, also on machines with two cores, where the default is one: most of a socket test is waiting.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      // Unit tests are many and short: their files share processes.
      { extends: true, test: { name: 'unit', include: ['src/**/*.test.ts'], isolate: false } },
      { extends: true, test: { name: 'house', include: ['test/**/*.test.ts'] } },
    ],
  },
});
