import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    // Tests import the package by its own name, as a user would; only test/dist runs against the built files.
    alias: [
      { find: /^nexus-ai$/, replacement: source('./src/index.ts') },
      { find: /^nexus-ai\/express$/, replacement: source('./src/adapters/express/index.ts') },
      { find: /^nexus-ai\/node$/, replacement: source('./src/adapters/node/index.ts') },
      { find: /^nexus-ai\/config$/, replacement: source('./src/core/config/index.ts') },
      { find: /^nexus-ai\/testing$/, replacement: source('./src/testing/index.ts') },
    ],
  },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
