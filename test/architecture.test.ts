import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findBreaches, findCycles, type ImportRules, loadedWith } from './support/import-rules.ts';
import { parseSourceModule, readSourceModules } from './support/source-modules.ts';

const ERRORS = 'src/core/errors';
const RUNTIME = 'src/core/runtime';
const EXCHANGE = 'src/core/exchange';
const CONFIG = 'src/core/config';
const HTTP = 'src/core/http';
const STORES = 'src/core/stores';
const POLICY = 'src/core/policy';
const LIMITS = 'src/core/policy/limits';
const TELEMETRY = 'src/core/telemetry';
const LLM = 'src/core/llm';
const MCP = 'src/core/mcp';

/** What every part of the LLM plane stands on. */
const LLM_GROUND = [ERRORS, RUNTIME, EXCHANGE, CONFIG, HTTP];

/**
 * Who may import whom. Imports go down the floors: adapters, then the composition root, then the plane, then the
 * ground. A new arrow is a decision: it is written down in docs/decisions/ before it gets a row here.
 */
const RULES: ImportRules = {
  'src/index.ts': { own: ['src/core/index.ts'] },

  [ERRORS]: { own: [] },
  [RUNTIME]: { own: [ERRORS], builtins: ['node:crypto'] },
  [EXCHANGE]: { own: [ERRORS, RUNTIME] },
  [CONFIG]: { own: [ERRORS, RUNTIME], packages: ['type:zod'] },
  [`${CONFIG}/schema`]: { own: [ERRORS, RUNTIME, CONFIG], packages: ['zod'] },
  [`${CONFIG}/parse*`]: { own: [ERRORS, RUNTIME, CONFIG], packages: ['zod'] },
  [`${CONFIG}/toml.ts`]: { own: [ERRORS, RUNTIME, CONFIG], packages: ['smol-toml'] },
  [`${CONFIG}/load.ts`]: { own: [ERRORS, RUNTIME, CONFIG], builtins: ['node:fs', 'node:fs/promises', 'node:path'] },
  [HTTP]: { own: [ERRORS, RUNTIME, EXCHANGE, `type:${CONFIG}`], builtins: ['node:buffer'] },
  [`${HTTP}/sse*`]: { own: [ERRORS, HTTP], packages: ['eventsource-parser'], builtins: ['node:string_decoder'] },
  [`${HTTP}/client`]: { own: [HTTP], builtins: ['node:buffer', 'node:net', 'node:tls', 'node:zlib'] },

  // What is kept for policy: counters, in memory and in Redis, whose client is loaded on first use and in one place.
  [STORES]: { own: [ERRORS, RUNTIME, `type:${CONFIG}`] },
  [`${STORES}/redis-scripts*`]: { own: [], builtins: ['node:crypto'] },
  [`${STORES}/redis-connection*`]: {
    own: [RUNTIME, `type:${CONFIG}`, STORES],
    packages: ['ioredis'],
    builtins: ['node:fs/promises'],
  },
  // Policy: the gate knows its stages; of these only identity knows others, those it reads credentials and peers with.
  [`${POLICY}/gate.ts`]: {
    own: [`type:${EXCHANGE}`, `type:${HTTP}`, `type:${POLICY}/identity`, `type:${LIMITS}`],
  },
  [`${POLICY}/address`]: { own: [`type:${EXCHANGE}`, `type:${CONFIG}`], builtins: ['node:net'] },
  [`${POLICY}/browser`]: { own: [`type:${EXCHANGE}`, `type:${CONFIG}`, HTTP] },
  [`${POLICY}/auth`]: {
    own: [ERRORS, `type:${RUNTIME}`, `type:${EXCHANGE}`, `type:${CONFIG}`, HTTP, `${POLICY}/browser`],
    builtins: ['node:buffer'],
  },
  // The library that checks signatures is loaded with the first token.
  [`${POLICY}/auth/token-verifier*`]: {
    own: [ERRORS, `type:${RUNTIME}`, `type:${EXCHANGE}`, `type:${CONFIG}`, `type:${HTTP}`, `${POLICY}/auth`],
    packages: ['jose'],
  },
  [`${POLICY}/identity`]: {
    own: [
      ERRORS,
      `type:${EXCHANGE}`,
      `type:${CONFIG}`,
      `type:${HTTP}`,
      `type:${POLICY}/address`,
      `type:${POLICY}/auth`,
    ],
    builtins: ['node:crypto'],
  },
  [LIMITS]: { own: [ERRORS, EXCHANGE, `type:${CONFIG}`, STORES] },
  [`${LIMITS}/counter-key*`]: { own: [`type:${CONFIG}`], builtins: ['node:crypto'] },

  // Telemetry: what is told of requests and of the process. It reads records, and knows no plane.
  [TELEMETRY]: {
    own: [ERRORS, `type:${RUNTIME}`, EXCHANGE, `type:${CONFIG}`, `type:${HTTP}`],
    builtins: ['node:crypto'],
  },
  // OpenTelemetry's packages are optional: loaded where an exporter is configured, and in one place.
  [`${TELEMETRY}/otel`]: {
    own: [ERRORS, `type:${RUNTIME}`, EXCHANGE, `type:${CONFIG}`],
    packages: [
      'type:@opentelemetry/api',
      'type:@opentelemetry/api-logs',
      'type:@opentelemetry/resources',
      'type:@opentelemetry/sdk-trace-base',
    ],
    builtins: ['node:buffer'],
  },
  [`${TELEMETRY}/otel/exporters.ts`]: {
    own: [ERRORS, `type:${CONFIG}`, `${TELEMETRY}/otel`],
    packages: [
      'type:@grpc/grpc-js',
      'type:@opentelemetry/sdk-logs',
      'type:@opentelemetry/sdk-metrics',
      'type:@opentelemetry/sdk-trace-base',
    ],
    builtins: ['node:fs/promises', 'node:tls'],
  },
  [`${TELEMETRY}/otel/packages.ts`]: {
    own: [ERRORS],
    packages: [
      '@grpc/grpc-js',
      '@opentelemetry/api',
      '@opentelemetry/api-logs',
      '@opentelemetry/exporter-logs-otlp-grpc',
      '@opentelemetry/exporter-logs-otlp-proto',
      '@opentelemetry/exporter-metrics-otlp-grpc',
      '@opentelemetry/exporter-metrics-otlp-proto',
      '@opentelemetry/exporter-trace-otlp-grpc',
      '@opentelemetry/exporter-trace-otlp-proto',
      '@opentelemetry/resources',
      '@opentelemetry/sdk-logs',
      '@opentelemetry/sdk-metrics',
      '@opentelemetry/sdk-trace-base',
    ],
  },
  [`${TELEMETRY}/prometheus`]: { own: [`type:${EXCHANGE}`, `type:${TELEMETRY}`], builtins: ['node:process'] },

  // Inside the plane: endpoints, pipeline, routing and delivery (strangers to each other), upstream, providers,
  // protocols, canonical. Each reaches down only.
  [`${LLM}/plane.ts`]: { own: [...LLM_GROUND, `type:${LIMITS}`, STORES, LLM] },
  [`${LLM}/status.ts`]: {
    own: [
      `type:${ERRORS}`,
      `type:${LLM}/models`,
      `type:${LLM}/providers`,
      `type:${LLM}/routing`,
      `type:${LLM}/upstream`,
    ],
  },
  [`${LLM}/endpoints`]: {
    own: [
      ...LLM_GROUND,
      LIMITS,
      `${LLM}/endpoints`,
      `${LLM}/pipeline.ts`,
      `${LLM}/preparation.ts`,
      `${LLM}/models`,
      `${LLM}/routing`,
      `${LLM}/delivery`,
      `${LLM}/upstream`,
      `${LLM}/providers`,
      `${LLM}/embeddings`,
      `${LLM}/protocols`,
      `${LLM}/metering`,
      `${LLM}/canonical`,
    ],
    builtins: ['node:buffer'],
  },
  // Counting stands alone: it knows what a request is and nothing of who asks.
  [`${LLM}/metering`]: {
    own: [ERRORS, EXCHANGE, `type:${CONFIG}`, `${LLM}/canonical`],
    builtins: ['node:fs/promises'],
  },
  [`${LLM}/preparation.ts`]: {
    own: [
      ...LLM_GROUND,
      `${LLM}/delivery`,
      `type:${LLM}/upstream`,
      `${LLM}/providers`,
      `${LLM}/protocols`,
      `${LLM}/canonical`,
    ],
    builtins: ['node:buffer'],
  },
  [`${LLM}/model-classifier.ts`]: {
    own: [
      ...LLM_GROUND,
      `${LLM}/preparation.ts`,
      `${LLM}/routing`,
      `${LLM}/upstream`,
      `type:${LLM}/providers`,
      `${LLM}/protocols`,
    ],
    builtins: ['node:buffer'],
  },
  // A call as the limits of tokens see it.
  [`${LLM}/metered-call.ts`]: {
    own: [
      `type:${LIMITS}`,
      `${LLM}/metering`,
      `type:${LLM}/providers`,
      `type:${LLM}/protocols`,
      `type:${LLM}/canonical`,
    ],
  },
  [`${LLM}/pipeline.ts`]: {
    own: [
      ...LLM_GROUND,
      `${LLM}/metered-call.ts`,
      `${LLM}/model-classifier.ts`,
      `${LLM}/preparation.ts`,
      LIMITS,
      `${LLM}/metering`,
      `${LLM}/routing`,
      `${LLM}/models`,
      `${LLM}/delivery`,
      `${LLM}/upstream`,
      `${LLM}/providers`,
      `${LLM}/protocols`,
      `${LLM}/canonical`,
    ],
    builtins: ['node:buffer'],
  },
  [`${LLM}/routing/smart/decisions*`]: { own: [], builtins: ['node:crypto'] },
  [`${LLM}/routing`]: {
    own: [
      ...LLM_GROUND,
      `type:${STORES}`,
      `${LLM}/models`,
      `${LLM}/upstream`,
      `${LLM}/providers`,
      `${LLM}/protocols`,
      `${LLM}/metering`,
      `${LLM}/canonical`,
    ],
    builtins: ['node:buffer'],
  },
  // Which models there are: configured ones, and those the providers list when asked.
  [`${LLM}/models`]: { own: [...LLM_GROUND, `${LLM}/upstream`, `${LLM}/providers`, `${LLM}/protocols`] },
  [`${LLM}/delivery`]: {
    own: [
      ...LLM_GROUND,
      `${LLM}/upstream`,
      `${LLM}/providers`,
      `${LLM}/embeddings`,
      `${LLM}/protocols`,
      `${LLM}/metering`,
      `${LLM}/canonical`,
    ],
    builtins: ['node:buffer'],
  },
  [`${LLM}/upstream`]: {
    own: [...LLM_GROUND, `${LLM}/providers`, `${LLM}/protocols`, `${LLM}/metering`, `${LLM}/canonical`],
    builtins: ['node:buffer'],
  },
  [`${LLM}/providers`]: { own: [...LLM_GROUND, `${LLM}/embeddings`, `${LLM}/protocols`, `${LLM}/canonical`] },
  [`${LLM}/providers/bedrock-transport*`]: { own: [ERRORS, HTTP, `${LLM}/providers`], builtins: ['node:buffer'] },
  [`${LLM}/providers/bedrock-frames*`]: { own: [], builtins: ['node:buffer', 'node:zlib'] },
  // Amazon's SDK is loaded on first use, and in no other place.
  [`${LLM}/providers/bedrock-signer*`]: {
    own: [ERRORS, HTTP, `${LLM}/providers`],
    packages: ['@aws-sdk/client-bedrock-runtime'],
    builtins: ['node:buffer'],
  },
  // Wire formats are pure: nothing here may reach the network, the clock or the configuration.
  [`${LLM}/protocols`]: { own: [ERRORS, EXCHANGE, `${LLM}/canonical`], builtins: ['node:buffer'] },
  [`${LLM}/embeddings`]: { own: [ERRORS, EXCHANGE, `${LLM}/protocols`, `${LLM}/canonical`], builtins: ['node:buffer'] },
  [`${LLM}/canonical`]: { own: [ERRORS, EXCHANGE] },

  // The MCP plane: serve, then catalogue, then upstream, then the wire.
  [`${MCP}/plane.ts`]: { own: [ERRORS, RUNTIME, EXCHANGE, `type:${CONFIG}`, HTTP, `type:${LIMITS}`, MCP] },
  [`${MCP}/status.ts`]: { own: [`type:${MCP}/upstream`] },
  [`${MCP}/dialect.ts`]: { own: [ERRORS, `type:${HTTP}`] },
  [`${MCP}/caller.ts`]: { own: [`type:${EXCHANGE}`, `type:${MCP}/wire`] },
  [`${MCP}/serve`]: {
    own: [
      ERRORS,
      RUNTIME,
      EXCHANGE,
      `type:${CONFIG}`,
      HTTP,
      `type:${LIMITS}`,
      `${MCP}/catalogue`,
      `${MCP}/wire`,
      `type:${MCP}/caller.ts`,
      `type:${MCP}/upstream`,
    ],
    builtins: ['node:buffer', 'node:crypto', 'node:events'],
  },
  [`${MCP}/catalogue`]: {
    own: [`type:${EXCHANGE}`, `type:${MCP}/caller.ts`, `type:${MCP}/upstream`, `${MCP}/wire`],
    builtins: ['node:crypto'],
  },
  // Pure: messages, names and headers of the protocol.
  // What servers of this process need of the SDK, and undici's fetch, are loaded with the first server that needs them.
  [`${MCP}/upstream`]: {
    own: [ERRORS, RUNTIME, `type:${EXCHANGE}`, `type:${CONFIG}`, `type:${MCP}/caller.ts`, `${MCP}/wire`],
    packages: ['@modelcontextprotocol/client'],
    builtins: ['node:buffer', 'node:crypto'],
  },
  [`${MCP}/upstream/stdio`]: {
    own: [ERRORS, RUNTIME, `type:${CONFIG}`, `${MCP}/wire`, `${MCP}/upstream`],
    builtins: ['node:buffer', 'node:child_process', 'node:fs', 'node:fs/promises', 'node:process', 'node:stream'],
  },
  [`${MCP}/upstream/http`]: {
    own: [ERRORS, RUNTIME, `type:${CONFIG}`, HTTP, `${MCP}/wire`, `${MCP}/upstream`],
    packages: ['undici'],
    builtins: ['node:buffer', 'node:dns', 'node:fs/promises', 'node:net', 'node:tls'],
  },
  [`${MCP}/upstream/http/client-assertion.ts`]: {
    own: [ERRORS, `type:${CONFIG}`, `${MCP}/upstream`],
    packages: ['jose'],
    builtins: ['node:crypto'],
  },
  // Ranking is pure: it knows tools and nothing of where they come from.
  [`${MCP}/search`]: { own: [], packages: ['fuse.js'] },
  [`${MCP}/wire`]: { own: [], builtins: ['node:buffer'] },

  'src/core/identify.ts': { own: [`type:${EXCHANGE}`, `type:${POLICY}/identity`] },
  'src/core/options.ts': { own: ['type:src/core'] },
  'src/core/check-options.ts': { own: ['src/core/config/issues.ts', 'type:src/core/options.ts'] },
  'src/core/engine.ts': { own: ['src/core'] },
  'src/core/engine-parts.ts': { own: ['src/core', 'package.json'] },
  'src/core/engine-succession.ts': {
    own: [
      ERRORS,
      RUNTIME,
      `type:${CONFIG}`,
      `type:${HTTP}`,
      'src/core/engine.ts',
      'src/core/engine-parts.ts',
      'type:src/core/status.ts',
    ],
  },
  'src/core/nexus.ts': { own: ['src/core', 'package.json'] },
  'src/core/status.ts': { own: ['type:src/core'] },
  // Ways in for code of the same process; OpenAI's client is loaded with the first of them.
  'src/core/clients': {
    own: [ERRORS, `type:${EXCHANGE}`, HTTP, 'src/core/identify.ts', `type:${MCP}/plane.ts`],
    packages: ['openai', 'type:#openai'],
  },
  'src/core/index.ts': { own: ['src/core'] },

  'src/adapters/host.ts': { own: ['src/core/index.ts'] },
  'src/adapters/node': {
    own: ['src/core/index.ts', 'src/adapters/host.ts'],
    builtins: ['node:buffer', 'node:http', 'node:https', 'node:net'],
  },
  'src/adapters/express': { own: ['src/core/index.ts', 'src/adapters/host.ts', 'src/adapters/node'] },
  'src/adapters/koa': {
    own: ['src/core/index.ts', 'src/adapters/host.ts', 'src/adapters/node'],
    builtins: ['node:buffer', 'node:http', 'node:stream'],
  },
  'src/adapters/next': { own: ['src/core/index.ts', 'src/adapters/host.ts'], builtins: ['node:util'] },
  'src/testing': {
    own: ['src/core/index.ts'],
    builtins: [
      'node:crypto',
      'node:fs/promises',
      'node:http',
      'node:net',
      'node:path',
      'node:timers/promises',
      'node:util',
      'node:zlib',
    ],
  },
  'src/cli': {
    own: ['src/core/index.ts', 'src/core/config/index.ts', 'src/adapters/node', 'src/testing/index.ts', 'package.json'],
    builtins: ['node:fs', 'node:fs/promises', 'node:path', 'node:process', 'node:url', 'node:util'],
  },
  'src/cli/prompt.ts': { own: ['type:src/cli'], builtins: ['node:readline'] },
  'src/cli/package-files.ts': { own: [], builtins: ['node:fs/promises', 'node:module', 'node:url'] },
  'src/cli/chat-reply.ts': { own: ['src/core/index.ts'], packages: ['eventsource-parser'] },
};

const modules = readSourceModules(fileURLToPath(new URL('..', import.meta.url)), 'src');

describe('the source tree', () => {
  it('has modules to check', () => {
    expect(modules.length).toBeGreaterThan(10);
  });

  it('imports down the floors only', () => {
    expect(findBreaches(modules, RULES)).toEqual([]);
  });

  it('has no import cycles', () => {
    expect(findCycles(modules)).toEqual([]);
  });

  it('loads of the protocols that wait for their first use only what tells errors', () => {
    const waiting = /protocols\/(?:openai-responses|anthropic-messages|google-generate|bedrock-converse)\//;
    expect(modules.filter(({ path }) => waiting.test(path)).length).toBeGreaterThan(50);
    const loaded = loadedWith(modules, 'src/index.ts').filter((path) => waiting.test(path));
    const protocols = `${LLM}/protocols`;
    expect(loaded.sort()).toEqual([
      `${protocols}/anthropic-messages/error.ts`,
      `${protocols}/google-generate/error.ts`,
    ]);
  });

  it('imports only modules that exist', () => {
    const paths = new Set(modules.map((module) => module.path));
    const missing = modules.flatMap((module) =>
      module.imports
        .filter((one) => one.own && !paths.has(one.target) && one.target !== 'package.json')
        .map((one) => `${module.path} -> ${one.target}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('the checker, on invented files', () => {
  const breaches = (path: string, text: string) => findBreaches([parseSourceModule(path, text)], RULES);

  it.each([
    ['src/core/errors/a.ts', "import { b } from '../runtime/b.ts';"],
    ['src/core/runtime/a.ts', "import { b } from '../config/b.ts';"],
    ['src/core/http/a.ts', "import { b } from '../config/b.ts';"],
    ['src/core/http/a.ts', "import { b } from '../llm/plane.ts';"],
    ['src/core/http/a.ts', "import { Pool } from 'undici';"],
    ['src/core/config/a.ts', "import { z } from 'zod';"],
    ['src/core/llm/routing/a.ts', "import { b } from '../delivery/b.ts';"],
    ['src/core/llm/delivery/a.ts', "import type { B } from '../routing/b.ts';"],
    ['src/core/llm/canonical/a.ts', "export { b } from '../protocols/b.ts';"],
    ['src/core/llm/protocols/a.ts', "import { b } from '../../http/transport.ts';"],
    ['src/core/llm/protocols/a.ts', "const b = await import('../upstream/b.ts');"],
    ['src/core/llm/upstream/a.ts', "type B = import('../pipeline.ts').B;"],
    ['src/core/nexus.ts', "import { listen } from '../adapters/node/index.ts';"],
    ['src/adapters/express/index.ts', "import { b } from '../../core/nexus.ts';"],
    ['src/adapters/node/index.ts', "import { b } from '../express/index.ts';"],
    ['src/testing/index.ts', "import { b } from '../core/errors/b.ts';"],
    ['src/testing/index.ts', "import 'openai';"],
    ['src/cli/main.ts', "import { spawn } from 'node:child_process';"],
    ['src/core/llm/plane.ts', "const { readFileSync } = require('node:fs');"],
  ])('refuses %s: %s', (path, text) => {
    expect(breaches(path, text)).toEqual([expect.stringContaining(`${path}: may not import`)]);
  });

  it.each([
    ['src/core/http/a.ts', "import type { B } from '../config/b.ts';"],
    ['src/core/http/a.ts', "import { type B, type C } from '../config/b.ts';"],
    ['src/core/http/client/a.ts', "import { connect } from 'node:net';"],
    ['src/core/config/schema/llm.ts', "import { z } from 'zod';"],
    ['src/core/config/a.ts', "import type { z } from 'zod';"],
    ['src/core/llm/routing/a.ts', "import { b } from '../canonical/b.ts'; import { c } from './c.ts';"],
  ])('allows %s: %s', (path, text) => {
    expect(breaches(path, text)).toEqual([]);
  });

  it.each([
    ['src/core/llm/new-part/a.ts', 'docs/decisions/'],
    ['src/core/http/utils/a.ts', 'a folder named utils'],
    ['src/plugins/a.ts', 'docs/decisions/'],
    ['src/core/errors-too/a.ts', 'docs/decisions/'],
  ])('refuses the place of %s', (path, words) => {
    expect(breaches(path, '')).toEqual([expect.stringContaining(words)]);
  });

  it.each(['eval("1")', 'new Function("return 1")', 'Function("return 1")', 'import(name)', 'require("a" + b)'])(
    'refuses code made from text: %s',
    (text) => {
      expect(breaches('src/core/nexus.ts', text)).toHaveLength(1);
    },
  );

  it('is not fooled by comments, strings and method names', () => {
    const text = "// import 'zod'\nconst a = \"import { x } from 'zod'\"; validator.eval(a); export { a };";
    expect(breaches('src/core/nexus.ts', text)).toEqual([]);
  });

  it('finds a cycle through three files and lets a cycle of types pass', () => {
    const a = parseSourceModule('src/a.ts', "import './b.ts';");
    const b = parseSourceModule('src/b.ts', "export * from './c.ts';");
    const back = parseSourceModule('src/c.ts', "import { a } from './a.ts';");
    const typeBack = parseSourceModule('src/c.ts', "import type { A } from './a.ts';");
    expect(findCycles([a, b, back])).toEqual(['src/a.ts -> src/b.ts -> src/c.ts -> src/a.ts']);
    expect(findCycles([a, b, typeBack])).toEqual([]);
  });
});
