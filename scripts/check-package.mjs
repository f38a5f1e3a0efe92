/*
 * Checks what would be published: packs it, looks at the list of files, lints the manifest and the types, and uses the
 * tarball in empty projects as a stranger would.
 *
 *   node scripts/check-package.mjs
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { staleReports } from './api-report.mjs';
import { closureBytes, reachStatically } from './entry-closure.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const work = mkdtempSync(join(tmpdir(), 'nexus-package-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

function run(command, args, cwd = root) {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')}\n${error.stdout ?? ''}${error.stderr ?? ''}`, { cause: error });
  }
}

function tool(name, ...args) {
  return run(process.execPath, [join(root, 'node_modules', name), ...args]);
}

let failed = 0;
function check(name, body) {
  const started = Date.now();
  try {
    body();
    console.log(`ok    ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}\n${error instanceof Error ? error.message : error}`);
  }
}

function createProject(name, type, dependencies, more = {}) {
  const folder = join(work, name);
  mkdirSync(folder);
  const all = { 'nexus-ai': `file:${tarball}`, ...dependencies };
  const project = { name, private: true, type, dependencies: all, ...more };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(project));
  run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'], folder);
  return folder;
}

function copyConsumer(folder, file) {
  copyFileSync(join(root, 'test/dist/consumer', file), join(folder, file));
  return file;
}

/** Bytes of all files below a folder. */
function folderBytes(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/**
 * What loading each entry may load, as ESM, before anything is used: bytes of our own files, and modules of others by
 * name. A number that must grow is raised here, on purpose.
 */
const core = ['buffer', 'crypto', 'eventsource-parser', 'net', 'string_decoder'];
const BUDGETS = {
  index: { bytes: 640_000, modules: core },
  express: { bytes: 650_000, modules: [...core, 'http', 'https'] },
  koa: { bytes: 650_000, modules: [...core, 'http', 'stream'] },
  next: { bytes: 645_000, modules: [...core, 'util'] },
  node: { bytes: 650_000, modules: [...core, 'http', 'https'] },
  config: { bytes: 300_000, modules: ['fs', 'path', 'smol-toml'] },
  testing: { bytes: 750_000, modules: [...core, 'fs/promises', 'http', 'path', 'timers/promises', 'util', 'zlib'] },
  cli: { bytes: 320_000, modules: ['fs', 'path', 'smol-toml', 'util'] },
};
/** Built files that an entry may load; each costs a start about a millisecond. */
const MOST_FILES = 8;
/** The package with all it brings, unpacked. */
const MOST_INSTALLED = 22_000_000;

run('npm', ['run', 'build']);
const [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', work]));
const tarball = join(work, packed.filename);
const files = packed.files.map((file) => file.path);

check('the tarball holds what it should and nothing else', () => {
  const allowed =
    /^(?:dist\/[\w.-]+\.(?:js|cjs|d\.ts|d\.cts)|dist\/THIRD-PARTY-NOTICES\.txt|docs\/errors\/\w+\.md|schema\/nexus\.schema\.json|README\.md|LICENSE|CHANGELOG\.md|package\.json)$/;
  assert.deepEqual(
    files.filter((file) => !allowed.test(file) || file.includes('.test.')),
    [],
  );
  for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md', 'dist/THIRD-PARTY-NOTICES.txt', 'dist/cli.js']) {
    assert.ok(files.includes(file), `${file} is missing from the tarball`);
  }
});

check('installing runs no scripts', () => {
  const hooks = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];
  assert.deepEqual(
    hooks.filter((hook) => hook in manifest.scripts),
    [],
  );
});

check('publint', () => console.log(tool('publint/src/cli.js', 'run', tarball, '--strict').trim()));

// node10 cannot resolve subpath exports and is below our floor.
check('types resolve (attw)', () => {
  tool('@arethetypeswrong/cli/dist/index.js', tarball, '--profile', 'node16', '--no-definitely-typed', '--no-emoji');
});

check('the root entry reaches nothing that should load late', () => {
  const reached = [...reachStatically(join(root, manifest.exports['.'].import.default))];
  const heavy =
    /^(?:undici|zod|smol-toml|ioredis|openai|express|koa|next|node:child_process|@aws-sdk\/.*|@modelcontextprotocol\/.*)$/;
  assert.deepEqual(
    reached.filter((name) => heavy.test(name)),
    [],
  );
  const protocols = /dist\/(?:openai-responses|anthropic-messages|google-generate|bedrock-converse)-\w+\.js$/;
  const built = files.filter((name) => protocols.test(name));
  assert.equal(built.length, 4, `the protocols that load late are built as ${built}`);
  assert.deepEqual(
    reached.filter((name) => protocols.test(name)),
    [],
  );
  // A byte limit would only hint; these words name what leaked.
  const leaks = {
    createFakeProvider: 'nexus-ai/testing',
    erwartet: "zod's locales",
    'node:child_process': 'a process',
  };
  for (const path of reached.filter((name) => name.startsWith('/'))) {
    const text = readFileSync(path, 'utf8');
    for (const [word, owner] of Object.entries(leaks)) {
      assert.ok(!text.includes(word), `${path} contains ${word}: ${owner} leaked into the root entry`);
    }
  }
});

for (const [name, { bytes, modules }] of Object.entries(BUDGETS)) {
  check(`what loading ${name} loads`, () => {
    const entry = join(root, 'dist', `${name}.js`);
    const reached = [...reachStatically(entry)];
    const others = reached.filter((path) => !path.startsWith('/'));
    const own = reached.length - others.length;
    assert.ok(own <= MOST_FILES, `${own} files are loaded, ${MOST_FILES} are planned`);
    const known = new Set(modules);
    assert.deepEqual(
      others.map((path) => path.replace(/^node:/, '')).filter((path) => !known.has(path)),
      [],
    );
    const found = closureBytes(entry);
    assert.ok(found <= bytes, `${found} bytes are loaded, ${bytes} are planned`);
  });
}

check('the public declarations are those in api/', () => assert.deepEqual(staleReports(), []));

check('an empty ESM project', () => {
  const folder = createProject('esm', 'module', {});
  run(process.execPath, [copyConsumer(folder, 'esm.mjs')], folder);
  const installed = run('npm', ['ls', '--all', '--parseable'], folder).trim().split('\n').length - 2;
  // Six of our own choice; the MCP SDK's client brings most of the others.
  assert.ok(installed <= 16, `the package brings ${installed} packages along`);
  const bytes = folderBytes(join(folder, 'node_modules'));
  assert.ok(bytes <= MOST_INSTALLED, `an installation takes ${bytes} bytes`);
});

check('an empty CommonJS project', () => {
  const folder = createProject('cjs', 'commonjs', {});
  run(process.execPath, [copyConsumer(folder, 'cjs.cjs')], folder);
});

check('an Express and Koa project, and its types under strict settings', () => {
  const { express, typescript, '@types/express': types, '@types/node': nodeTypes } = manifest.devDependencies;
  const { koa, '@types/koa': koaTypes } = manifest.devDependencies;
  const folder = createProject('express', 'module', {
    express,
    typescript,
    koa,
    '@types/express': types,
    '@types/koa': koaTypes,
    '@types/node': nodeTypes,
  });
  run(process.execPath, [copyConsumer(folder, 'express.mjs')], folder);
  run(process.execPath, [copyConsumer(folder, 'koa.mjs')], folder);
  const { openai } = manifest.devDependencies;
  const files = [copyConsumer(folder, 'types.ts'), copyConsumer(folder, 'types-names.ts')];
  copyFileSync(join(folder, 'types.ts'), join(folder, 'types-commonjs.cts'));
  const koaFiles = [copyConsumer(folder, 'types-koa.ts')];
  const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noEmit: true };
  const common = { ...strict, target: 'es2022', esModuleInterop: true, types: ['node'], skipLibCheck: false };
  const projects = {
    nodenext: { compilerOptions: { ...common, module: 'nodenext' }, files: [...files, 'types-commonjs.cts'] },
    bundler: { compilerOptions: { ...common, module: 'esnext', moduleResolution: 'bundler' }, files },
    koa: { compilerOptions: { ...common, module: 'nodenext', skipLibCheck: true }, files: koaFiles },
  };
  for (const [name, project] of Object.entries(projects)) {
    writeFileSync(join(folder, `tsconfig.${name}.json`), JSON.stringify(project));
    run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', `tsconfig.${name}.json`], folder);
  }
  // So far without the optional peer whose types our declarations name; now the same with it, oldest and newest.
  const peerFile = copyConsumer(folder, 'types-openai.ts');
  for (const version of ['5.0.0', openai, '7']) {
    run(
      'npm',
      ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', `openai@${version}`],
      folder,
    );
    const withPeer = [...files, peerFile];
    const project = { compilerOptions: { ...common, module: 'nodenext', skipLibCheck: true }, files: withPeer };
    writeFileSync(join(folder, 'tsconfig.openai.json'), JSON.stringify(project));
    run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.openai.json'], folder);
  }
});

/** The lowest version of each alternative that a range allows. */
const lowest = (range) => range.split('||').map((one) => /\d+\.\d+\.\d+/.exec(one)[0]);

check('the oldest packages that the ranges allow, and the newest generation of each', () => {
  const optional = ['@aws-sdk/client-bedrock-runtime', 'express', 'ioredis', 'koa', 'openai'];
  const versions = (choose) =>
    Object.fromEntries(optional.map((name) => [name, choose(lowest(manifest.peerDependencies[name]))]));
  const overrides = Object.fromEntries(
    Object.entries(manifest.dependencies).map(([name, range]) => [name, lowest(range)[0]]),
  );
  const projects = {
    oldest: [versions((all) => all[0]), { overrides }],
    newest: [Object.fromEntries(Object.entries(versions((all) => all.at(-1))).map(([name, low]) => [name, `^${low}`]))],
  };
  for (const [name, [dependencies, more]] of Object.entries(projects)) {
    const folder = createProject(name, 'module', dependencies, more);
    for (const file of ['esm.mjs', 'express.mjs', 'koa.mjs', 'peers.mjs']) {
      run(process.execPath, [copyConsumer(folder, file)], folder);
    }
  }
});

check('an empty Next project builds, with both bundlers, where no optional package is installed', () => {
  const { next, react, 'react-dom': dom } = manifest.devDependencies;
  const folder = createProject('next', 'module', { next, react, 'react-dom': dom });
  const route = join(folder, 'app/api/ai/[...path]');
  mkdirSync(route, { recursive: true });
  copyFileSync(join(root, 'test/dist/consumer/next-route.js'), join(route, 'route.js'));
  const layout = 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;';
  writeFileSync(join(folder, 'app/layout.js'), layout);
  process.env['NEXT_TELEMETRY_DISABLED'] = '1';
  for (const bundler of ['--turbopack', '--webpack']) {
    const built = run(process.execPath, ['node_modules/next/dist/bin/next', 'build', bundler], folder);
    assert.match(built, /\/api\/ai\/\[\.\.\.path\]/);
  }
});

process.exitCode = failed === 0 ? 0 : 1;
