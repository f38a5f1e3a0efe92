import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Plugin } from 'esbuild';
import { defineConfig, type Options } from 'tsup';

// zod is bundled: tree-shaken it loads in a fifth of the time of its package, whose entry reads every locale
// (docs/decisions/0001-bundle-zod.md). What is bundled brings its licence along.
const bundled = ['zod'];

async function addFiles() {
  await writeNotices();
  // Stands for the types of an optional peer (package.json, `imports`).
  const peer = 'src/core/clients/openai-peer.d.ts';
  await Promise.all(['ts', 'cts'].map((kind) => copyFile(peer, `dist/openai-peer.d.${kind}`)));
}

async function writeNotices() {
  const notices = bundled.map(async (name) => {
    const { version, license } = JSON.parse(await readFile(`node_modules/${name}/package.json`, 'utf8'));
    const text = await readFile(`node_modules/${name}/LICENSE`, 'utf8');
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  const head = 'The files of this folder contain parts of these packages, and data of these projects.\n';
  const data = await readFile('scripts/prices-licence.txt', 'utf8');
  await writeFile('dist/THIRD-PARTY-NOTICES.txt', [head, ...(await Promise.all(notices)), data].join('\n---\n\n'));
}

const library = {
  index: 'src/index.ts',
  express: 'src/adapters/express/index.ts',
  koa: 'src/adapters/koa/index.ts',
  next: 'src/adapters/next/index.ts',
  node: 'src/adapters/node/index.ts',
  config: 'src/core/config/public.ts',
  testing: 'src/testing/index.ts',
};

// Descriptions in the schema are for its readers and for the generators. Zod copies a schema for each of them, and every start
// would pay for some three hundred copies.
const withoutDescriptions: Plugin = {
  name: 'without-descriptions',
  setup(build) {
    build.onLoad({ filter: /src\/core\/config\/schema\/[a-z-]+\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      return { contents: source.replace(DESCRIPTION, ''), loader: 'ts' };
    });
  },
};
const DESCRIPTION = /\s*\.describe\(\s*(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`),?\s*\)/g;

// The bundler makes a file for every set of entries that share a module, and each file that is loaded costs a start about a
// millisecond. Whatever the core loads late finds all of the core loaded: saying so lets that stay together.
const coreTogether: Plugin = {
  name: 'core-together',
  setup(build) {
    const late = new Set<string>();
    build.onResolve({ filter: /^\.{1,2}\/.+\.ts$/ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import' || !CORE.test(`${resolveDir}/`)) return undefined;
      const found = resolve(resolveDir, path);
      late.add(found);
      return { path: found };
    });
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (!late.has(path)) return undefined;
      const source = await readFile(path, 'utf8');
      const core = JSON.stringify(resolve('src/core/index.ts'));
      return { contents: `${source}\nexport { createNexus as core } from ${core};`, loader: 'ts' };
    });
  },
};
const CORE = /[\\/]src[\\/]core[\\/]/;

const common: Options = {
  target: 'node20',
  platform: 'node',
  splitting: true,
  treeshake: true,
  esbuildPlugins: [withoutDescriptions, coreTogether],
  noExternal: bundled,
  // The bundler of declarations would follow it to where the package happens to be.
  external: ['#openai'],
  // What is loaded is parsed: without indentation and blank lines that takes a third less time. Names stay, for stack traces.
  esbuildOptions(options) {
    options.minifyWhitespace = true;
    options.minifySyntax = true;
    // Node shows the line where an uncaught error was thrown.
    options.lineLimit = 160;
  },
};

const javascript: Options[] = [
  { ...common, format: 'esm', entry: { ...library, cli: 'src/cli/main.ts' }, onSuccess: addFiles },
  { ...common, format: 'cjs', entry: library },
];

// tsup sets baseUrl, which TypeScript 6 deprecates.
const compilerOptions = { ignoreDeprecations: '6.0' };
const declarations: Options = {
  ...common,
  format: ['esm', 'cjs'],
  entry: library,
  dts: { only: true, compilerOptions },
};

// The `build` script empties the folder: several builds write into it at once.
export default defineConfig(({ dts }) => (dts === false ? javascript : [...javascript, declarations]));
