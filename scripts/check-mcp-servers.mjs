/*
 * Puts published MCP servers, and three that are broken, behind one `nexus serve` and one TOML file, over stdio. Every
 * tool a server lists when it is asked directly must be listed through Nexus unchanged, be found by search under its
 * public name, and run where it works without a network. Needs what `npm run build` makes.
 *
 *   node scripts/check-mcp-servers.mjs [--short] [--if-installable] [server ...]
 *
 * The servers are installed into a temporary folder; NEXUS_MCP_SERVERS names a folder that has them in its
 * node_modules. --short takes those of our devDependencies only. With --if-installable a server that cannot be installed
 * is left out, and the check passes without it. The network is used for the installation only.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { stringify } from 'smol-toml';
import * as z from 'zod';

const INSTALL_MS = 300_000;
/** The slowest takes five seconds on a calm machine. */
const START_MS = 90_000;
const CALL_MS = 30_000;
const STOP_MS = 15_000;
const ARGUMENTS = process.argv.slice(2);
const ROOT = fileURLToPath(new URL('..', import.meta.url));

const work = mkdtempSync(join(tmpdir(), 'nexus-mcp-'));
const note = join(work, 'note.txt');
writeFileSync(note, 'The lighthouse keeper says hello.\n');
writeFileSync(join(work, 'eslint.config.mjs'), 'export default [{ rules: { "no-var": "error" } }];\n');
writeFileSync(join(work, 'old.js'), 'var a = 1;\n');

/**
 * `package` and the version it was tried with, arguments, environment, and a harmless call. With `says` the call works
 * without a network; without it the server needs an account or a browser, and any answer of its own will do.
 */
const SERVERS = {
  everything: {
    package: '@modelcontextprotocol/server-everything@2026.8.31',
    args: ['stdio'],
    call: { name: 'get-sum', arguments: { a: 19, b: 23 }, says: '42' },
  },
  filesystem: {
    package: '@modelcontextprotocol/server-filesystem@2026.8.31',
    args: [work],
    call: { name: 'read_text_file', arguments: { path: note }, says: 'lighthouse keeper' },
  },
  memory: {
    package: '@modelcontextprotocol/server-memory@2026.8.31',
    env: { MEMORY_FILE_PATH: join(work, 'memory.jsonl') },
    call: {
      name: 'create_entities',
      arguments: { entities: [{ name: 'keeper', entityType: 'person', observations: ['says hello'] }] },
      says: 'keeper',
    },
  },
  thinking: {
    package: '@modelcontextprotocol/server-sequential-thinking@2026.8.31',
    call: {
      name: 'sequentialthinking',
      arguments: { thought: 'One', nextThoughtNeeded: false, thoughtNumber: 1, totalThoughts: 1 },
      says: 'thoughtNumber',
    },
  },
  playwright: { package: '@playwright/mcp@0.0.83', call: { name: 'browser_tabs', arguments: { action: 'list' } } },
  'chrome-devtools': { package: 'chrome-devtools-mcp@1.11.0', call: { name: 'list_pages', arguments: {} } },
  context7: {
    package: '@upstash/context7-mcp@4.1.1',
    call: { name: 'resolve-library-id', arguments: { query: 'routing', libraryName: 'express' } },
  },
  mongodb: { package: 'mongodb-mcp-server@3.0.4', call: { name: 'list-databases', arguments: {} } },
  notion: {
    package: '@notionhq/notion-mcp-server@2.5.2',
    env: { NOTION_TOKEN: 'x' },
    call: { name: 'API-get-self', arguments: {} },
  },
  sentry: {
    package: '@sentry/mcp-server@0.36.0',
    args: ['--access-token=x'],
    call: { name: 'whoami', arguments: {} },
  },
  firecrawl: {
    package: 'firecrawl-mcp@3.22.2',
    env: { FIRECRAWL_API_KEY: 'x' },
    call: { name: 'firecrawl_scrape', arguments: { url: 'https://example.com' } },
  },
  brave: {
    package: '@brave/brave-search-mcp-server@2.1.4',
    env: { BRAVE_API_KEY: 'x' },
    call: { name: 'brave_web_search', arguments: { query: 'x' } },
  },
  kubernetes: { package: 'mcp-server-kubernetes@4.1.7', call: { name: 'ping', arguments: {} } },
  azure: {
    package: '@azure/mcp@2.0.5',
    args: ['server', 'start'],
    call: { name: 'group_list', arguments: {} },
  },
  github: {
    package: '@modelcontextprotocol/server-github@2025.4.8',
    env: { GITHUB_PERSONAL_ACCESS_TOKEN: 'x' },
    call: { name: 'search_repositories', arguments: { query: 'x' } },
  },
  tavily: {
    package: 'tavily-mcp@0.2.22',
    env: { TAVILY_API_KEY: 'x' },
    call: { name: 'tavily_search', arguments: { query: 'x' } },
  },
  exa: {
    package: 'exa-mcp-server@3.4.1',
    env: { EXA_API_KEY: 'x' },
    call: { name: 'web_search_exa', arguments: { query: 'x' } },
  },
  figma: {
    package: 'figma-developer-mcp@0.13.2',
    args: ['--stdio'],
    env: { FIGMA_API_KEY: 'x' },
    call: { name: 'get_figma_data', arguments: { fileKey: 'abc' } },
  },
  eslint: {
    package: '@eslint/mcp@0.3.13',
    call: { name: 'lint-files', arguments: { filePaths: [join(work, 'old.js')] }, says: 'no-var' },
  },
  'next-devtools': { package: 'next-devtools-mcp@0.4.0', call: { name: 'nextjs_index', arguments: {} } },
  mastra: { package: '@mastra/mcp-docs-server@0.13.31', call: { name: 'mastraBlog', arguments: {} } },
  shopify: { package: '@shopify/dev-mcp@1.16.0', call: { name: 'learn_shopify_api', arguments: { api: 'admin' } } },
};

/** They stand first in the file, between and after the others, and none of them may matter to those. */
const BROKEN = {
  'broken-absent': [join(work, 'no-such-program')],
  'broken-exits': [process.execPath, '--eval', 'console.log("Cannot start"); process.exit(3)'],
  'broken-hangs': [process.execPath, '--eval', 'setInterval(() => {}, 1000)'],
};

const AnyResult = z.looseObject({});
/** In the environment of everything that is started, so that what is left behind can be found. */
const MARK = `NEXUS_CHECK=${randomUUID()}`;

let gateway;
process.on('exit', () => {
  if (gateway?.exitCode === null) gateway.kill('SIGKILL');
  rmSync(work, { recursive: true, force: true, maxRetries: 3 });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const nameOf = (spec) => spec.slice(0, spec.lastIndexOf('@'));

/** The folder with a package, or undefined where it cannot be installed and need not be. */
function install(spec, folder) {
  const installed = join(folder, 'node_modules', nameOf(spec));
  if (existsSync(installed)) return installed;
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', spec];
  try {
    execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], timeout: INSTALL_MS });
  } catch (error) {
    if (!ARGUMENTS.includes('--if-installable')) throw error;
    return undefined;
  }
  return installed;
}

/** What to run: the package's program, by Node. */
function commandOf({ args = [] }, folder) {
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = typeof bin === 'string' ? bin : Object.values(bin)[0];
  return [process.execPath, resolve(folder, file), ...args];
}

/** All tools as a client gets them, members nobody knows included. */
async function listTools(client) {
  const tools = [];
  let cursor;
  do {
    const page = await client.request({ method: 'tools/list', params: cursor ? { cursor } : {} }, AnyResult, {
      timeout: CALL_MS,
    });
    tools.push(...page.tools);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return tools;
}

async function withClient(transport, use) {
  const client = new Client({ name: 'check', version: '1' });
  await client.connect(transport, { timeout: START_MS });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

function askDirectly([command, ...args], env) {
  const { PATH, HOME } = process.env;
  const transport = new StdioClientTransport({
    command,
    args,
    env: { PATH, HOME, ...env },
    cwd: work,
    stderr: 'ignore',
  });
  return withClient(transport, listTools);
}

/** Starts `nexus serve` on this file; resolves with its address. */
async function serve(file) {
  const [name, value] = MARK.split('=');
  const cli = join(ROOT, 'dist', 'cli.js');
  gateway = spawn(process.execPath, [cli, 'serve', '-c', file, '-l', '127.0.0.1:0'], {
    env: { ...process.env, [name]: value, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaints = '';
  gateway.stderr.on('data', (bytes) => {
    complaints += bytes;
  });
  const deadline = setTimeout(() => gateway.kill('SIGKILL'), START_MS);
  for await (const line of createInterface({ input: gateway.stdout })) {
    const url = /https?:\/\/[^\s"]+/.exec(line)?.[0];
    if (url === undefined) continue;
    clearTimeout(deadline);
    gateway.stdout.resume();
    return url;
  }
  throw new Error(`nexus serve ended before it printed an address:\n${complaints}`);
}

/** Asks it to stop; the processes of its servers that are there after it. */
async function stop() {
  const exited = once(gateway, 'exit');
  gateway.kill('SIGTERM');
  const deadline = setTimeout(() => gateway.kill('SIGKILL'), STOP_MS);
  const [code] = await exited;
  clearTimeout(deadline);
  assert.equal(code, 0, `nexus serve ended with ${code}, or not within ${STOP_MS} ms`);
  return processesWith(MARK);
}

/** Linux only: elsewhere it finds none. */
function processesWith(mark) {
  if (!existsSync('/proc')) return [];
  return readdirSync('/proc').filter((id) => {
    if (!/^\d+$/.test(id) || Number(id) === process.pid) return false;
    try {
      return readFileSync(`/proc/${id}/environ`, 'utf8').split('\0').includes(mark);
    } catch {
      // It ended meanwhile, or belongs to somebody else.
      return false;
    }
  });
}

async function call(client, name, args) {
  const request = { method: 'tools/call', params: { name, arguments: args } };
  return client.request(request, AnyResult, { timeout: CALL_MS });
}

/** The tools that search does not find among the first ten under their own name. */
async function missing(client, names) {
  const lost = [];
  for (const name of names) {
    const { structuredContent } = await call(client, 'search', { keywords: [name] });
    if (!structuredContent.results.some((found) => found.name === name)) lost.push(name);
  }
  return lost;
}

/** Runs one tool: `ran`, or the answer of a server that cannot do it here. */
async function execute(client, server, { name, arguments: args, says }) {
  try {
    const result = await call(client, 'execute', { name: `${server}__${name}`, arguments: args });
    const text = JSON.stringify(result.content);
    if (says === undefined) return result.isError ? 'answers: error' : 'answers';
    assert.ok(!result.isError && text.includes(says), `${name} answered ${text.slice(0, 500)}`);
    return 'ran';
  } catch (error) {
    if (says !== undefined || error.code === undefined) throw error;
    return `answers: ${error.code}`;
  }
}

const isShort = ARGUMENTS.includes('--short');
const wanted = ARGUMENTS.filter((argument) => !argument.startsWith('--'));
const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const given = isShort ? ROOT : process.env['NEXUS_MCP_SERVERS'];
const folder = given ?? join(work, 'servers');
if (given === undefined) {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
}

const facts = new Map();
for (const [name, server] of Object.entries(SERVERS)) {
  if (wanted.length > 0 ? !wanted.includes(name) : isShort && !(nameOf(server.package) in devDependencies)) continue;
  const installed = install(server.package, folder);
  if (installed === undefined) {
    console.log(`skip  ${name}: ${server.package} cannot be installed here`);
    continue;
  }
  const command = commandOf(server, installed);
  const began = performance.now();
  try {
    const tools = await askDirectly(command, server.env);
    facts.set(name, { ...server, command, tools, seconds: (performance.now() - began) / 1000 });
  } catch (error) {
    if (!ARGUMENTS.includes('--if-installable')) throw new Error(`${name} does not start by itself`, { cause: error });
    console.log(`skip  ${name}: does not start by itself: ${error.message}`);
  }
}
assert.ok(facts.size > 0, 'no server is here to be checked');

const [first, second, third] = Object.entries(BROKEN).map(([name, cmd]) => [name, { cmd, start_timeout: '10s' }]);
const healthy = [...facts].map(([name, { command, env = {} }]) => [
  name,
  {
    cmd: command,
    env: { ...env, ...Object.fromEntries([MARK.split('=')]) },
    cwd: work,
    start_timeout: '90s',
    timeout: '20s',
  },
]);
const middle = Math.ceil(healthy.length / 2);
const servers = Object.fromEntries([first, ...healthy.slice(0, middle), second, ...healthy.slice(middle), third]);
const file = join(work, 'nexus.toml');
writeFileSync(file, stringify({ mcp: { servers } }));

const began = performance.now();
const seconds = () => ((performance.now() - began) / 1000).toFixed(1);
const url = await serve(file);
console.log(
  `      ${facts.size} servers and ${Object.keys(BROKEN).length} broken ones; listening after ${seconds()} s`,
);
let failed = 0;
let tools = 0;
await withClient(new StreamableHTTPClientTransport(new URL('/mcp', url)), async (client) => {
  assert.deepEqual(
    (await listTools(client)).map(({ name }) => name),
    ['search', 'execute'],
  );
  // The first search waits for the slowest server or its start timeout.
  await client.request(
    { method: 'tools/call', params: { name: 'search', arguments: { keywords: ['x'] } } },
    AnyResult,
    {
      timeout: START_MS + CALL_MS,
    },
  );
  console.log(`      all lists known after ${seconds()} s\n`);
  console.log(
    `      ${'server'.padEnd(18)}${'alone s'.padEnd(9)}${'tools'.padEnd(7)}${'listed'.padEnd(8)}${'found'.padEnd(7)}execute`,
  );
  for (const [name, server] of facts) {
    let row = `${name.padEnd(18)}${server.seconds.toFixed(1).padEnd(9)}${String(server.tools.length).padEnd(7)}`;
    try {
      const through = await withClient(new StreamableHTTPClientTransport(new URL(`/mcp/${name}`, url)), listTools);
      assert.deepEqual(through, server.tools, `${name} is not listed as it lists itself`);
      row += String(through.length).padEnd(8);
      const lost = await missing(
        client,
        through.map((tool) => `${name}__${tool.name}`),
      );
      assert.deepEqual(lost, [], `${name} has tools that search does not find`);
      row += String(through.length).padEnd(7);
      row += await execute(client, name, server.call);
      tools += through.length;
      console.log(`ok    ${row}`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${row}\n${error.stack}`);
    }
  }
});
const left = await stop();
if (left.length > 0) {
  failed += 1;
  console.log(`FAIL  processes were left behind: ${left.join(', ')}`);
}
console.log(
  `\n      ${facts.size - failed} of ${facts.size} servers, ${tools} tools; nothing left behind: ${left.length === 0}`,
);
process.exitCode = failed > 0 ? 1 : 0;
