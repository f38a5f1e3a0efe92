// Traces through several services, providers of the application, collectors that are not there, and nothing when it is off.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { McpServer } from '@modelcontextprotocol/server';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { createNexus, type Nexus, type NexusConfig, type NexusOptions } from 'nexus-ai';
import { listen } from 'nexus-ai/node';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serveModern } from '../support/mcp-http-servers.ts';
import { type Collector, startGrpcCollector, startHttpCollector } from '../support/otlp-collector.ts';
import { freePort, noRedis, startRedis } from '../support/redis.ts';

type Telemetry = NonNullable<NexusConfig['telemetry']>;

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

let provider: FakeProvider;
let collector: Collector;
const closers: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  provider = await createFakeProvider();
  collector = await startHttpCollector();
  closers.push(
    () => provider.close(),
    () => collector.close(),
  );
});

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(tracing: Telemetry['tracing'], options: NexusOptions = {}, more: NexusConfig = {}) {
  const instance = createNexus(
    {
      ...more,
      llm: {
        discovery: { enabled: false },
        providers: { fake: { type: 'openai', apiKey: 'k', baseUrl: `${provider.url}/v1` } },
      },
      telemetry: { tracing, exporters: { otlp: { enabled: true, endpoint: collector.url, protocol: 'http' } } },
    },
    { logger: SILENT, ...options },
  );
  closers.push(() => instance.close());
  await instance.ready();
  return instance;
}

async function ask(instance: Nexus, headers: Record<string, string> = {}): Promise<number> {
  const response = await instance.fetch('http://nexus/llm/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'fake/m', messages: [{ role: 'user', content: 'Hi' }] }),
  });
  await response.text();
  return response.status;
}

async function spansAfter(instance: Nexus) {
  await instance.close();
  return collector.seen.spans;
}

describe('propagation', () => {
  const traceparent = `00-${TRACE}-${PARENT}-01`;

  it.each([
    ['traceparent', { traceparent }],
    ['X-Ray', { 'x-amzn-trace-id': `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)};Parent=${PARENT};Sampled=1` }],
    [
      'traceparent before X-Ray',
      { traceparent, 'x-amzn-trace-id': 'Root=1-00000001-000000000000000000000001;Parent=0000000000000001;Sampled=1' },
    ],
  ])('goes on with the trace of a caller that sends %s', async (_, headers) => {
    const instance = await open({ sampling: 1 });
    await ask(instance, headers);
    const root = (await spansAfter(instance)).find(({ kind }) => kind === 2);
    expect(root).toMatchObject({ traceId: TRACE, parentId: PARENT });
  });

  it.each([
    ['of another form', { traceparent: 'nonsense' }],
    ['of nothing', { traceparent: `00-${'0'.repeat(32)}-${PARENT}-01` }],
    [
      'of X-Ray, where that is off',
      { 'x-amzn-trace-id': `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)};Parent=${PARENT};Sampled=1` },
    ],
  ])('begins a trace for a caller that sends one %s', async (_, headers) => {
    const instance = await open({ sampling: 1, propagation: { awsXray: false } });
    expect(await ask(instance, headers)).toBe(200);
    const root = (await spansAfter(instance)).find(({ kind }) => kind === 2);
    expect(root?.parentId).toBe('');
    expect(root?.traceId).not.toBe(TRACE);
  });

  it('tells providers which attempt they are asked by, and hands on what others keep', async () => {
    const instance = await open({ sampling: 1, propagation: { traceContext: true } });
    await ask(instance, { traceparent, tracestate: 'vendor=1' });
    const { headers } = provider.requests[0] ?? {};
    const attempt = (await spansAfter(instance)).find(({ name }) => name === 'llm:attempt');
    expect(headers?.['traceparent']).toBe(`00-${TRACE}-${attempt?.spanId}-01`);
    expect(headers?.['tracestate']).toBe('vendor=1');
    const call = collector.seen.spans.find(({ spanId }) => spanId === attempt?.parentId);
    expect(call?.name).toBe('llm:chat_completion');
    expect(collector.seen.spans.filter(({ traceId }) => traceId === TRACE)).toHaveLength(3);
  });

  it('tells providers nothing unless it is asked to', async () => {
    const instance = await open({ sampling: 1 });
    await ask(instance, { traceparent });
    expect(provider.requests[0]?.headers).not.toHaveProperty('traceparent');
  });

  it('tells MCP servers, in the header and in the message', async () => {
    const server = await serveModern(() => {
      const tools = new McpServer({ name: 'clock', version: '1' });
      tools.registerTool('now', { description: 'time' }, () => ({ content: [{ type: 'text', text: 'noon' }] }));
      return tools;
    });
    closers.push(async () => server[Symbol.asyncDispose]());
    const instance = await open(
      { sampling: 1, propagation: { traceContext: true } },
      {},
      {
        mcp: { tools: 'all', servers: { clock: { url: `${server.origin}/mcp` } } },
      },
    );
    const door = await listen(instance, { port: 0 });
    closers.push(() => door.close({ drain: 0 }));
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${door.url}/mcp`), { requestInit: { headers: { traceparent } } }),
    );
    await client.callTool({ name: 'clock__now', arguments: {} });
    await client.close();
    const call = server.seen.find(({ body }) => body?.method === 'tools/call');
    const span = (await spansAfter(instance)).find(({ name }) => name === 'tools/call');
    const told = `00-${TRACE}-${span?.spanId}-01`;
    expect(span).toMatchObject({ kind: 3, attributes: { 'mcp.server.name': 'clock', 'mcp.tool.name': 'now' } });
    expect(call?.headers['traceparent']).toBe(told);
    expect(call?.body?.params?.['_meta']).toMatchObject({ traceparent: told });
  });
});

describe('sampling', () => {
  const sampled = { traceparent: `00-${TRACE}-${PARENT}-01` };
  const unsampled = { traceparent: `00-${TRACE}-${PARENT}-00` };

  it.each([
    ['none at 0', { sampling: 0 }, sampled, 0],
    ['all at 1', { sampling: 1 }, unsampled, 1],
    ['what the caller traces, with a parent-based sampler', { sampling: 0, parentBasedSampler: true }, sampled, 1],
    ['not what the caller leaves out, with one', { sampling: 1, parentBasedSampler: true }, unsampled, 0],
    ['its share of the rest, with one', { sampling: 1, parentBasedSampler: true }, {}, 1],
  ])('takes %s', async (_, tracing, headers, roots) => {
    const instance = await open(tracing);
    await ask(instance, headers);
    expect((await spansAfter(instance)).filter(({ kind }) => kind === 2)).toHaveLength(roots);
  });

  it('keeps the id of a trace that is not sampled, towards providers too', async () => {
    const instance = await open({ sampling: 0, propagation: { traceContext: true } });
    await ask(instance, sampled);
    expect(provider.requests[0]?.headers['traceparent']).toMatch(
      new RegExp(`^00-${TRACE}-(?!${PARENT})[0-9a-f]{16}-00$`),
    );
  });

  it('takes about the share it is told to, by the id of the trace', async () => {
    const instance = await open({ sampling: 0.5 });
    for (let i = 0; i < 64; i++) {
      const id = `${i.toString(16).padStart(2, '0').repeat(4)}${((i * 2654435761) >>> 0).toString(16).padStart(8, '0').repeat(3)}`;
      await (
        await instance.fetch('http://nexus/llm/v1/models', { headers: { traceparent: `00-${id}-${PARENT}-01` } })
      ).text();
    }
    const taken = (await spansAfter(instance)).filter(({ kind }) => kind === 2).length;
    expect(taken).toBeGreaterThan(12);
    expect(taken).toBeLessThan(52);
  });
});

describe("the application's own providers", () => {
  it('take everything, without an exporter, and its active span is the parent', async () => {
    const spans = new InMemorySpanExporter();
    const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
    const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 60_000 });
    const meterProvider = new MeterProvider({ readers: [reader] });
    const logs = new InMemoryLogRecordExporter();
    const loggerProvider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: logs })] });
    const contexts = new AsyncLocalStorageContextManager().enable();
    context.setGlobalContextManager(contexts);
    closers.push(async () => context.disable());
    const seen: string[] = [];
    const instance = createNexus(
      {
        llm: {
          discovery: { enabled: false },
          providers: { fake: { type: 'openai', apiKey: 'k', baseUrl: `${provider.url}/v1` } },
        },
      },
      {
        telemetry: { tracerProvider, meterProvider, loggerProvider },
        logger: { ...SILENT, error: (message) => seen.push(message) },
        identify: (exchange) => {
          if (exchange.header('x-broken') !== undefined) throw new Error('secret of the application');
          return undefined;
        },
      },
    );
    closers.push(() => instance.close());
    await instance.ready();
    const own = tracerProvider.getTracer('app').startSpan('page');
    await context.with(trace.setSpan(context.active(), own), () => ask(instance, { 'x-broken': '1' }));
    await context.with(trace.setSpan(context.active(), own), () => ask(instance));
    own.end();
    await instance.close();
    await meterProvider.forceFlush();
    const roots = spans.getFinishedSpans().filter(({ name }) => name === 'POST /llm/v1/chat/completions');
    expect(roots).toHaveLength(2);
    for (const root of roots) {
      expect(root.parentSpanContext?.spanId).toBe(own.spanContext().spanId);
      expect(root.spanContext().traceId).toBe(own.spanContext().traceId);
    }
    const names = metrics
      .getMetrics()
      .flatMap(({ scopeMetrics }) =>
        scopeMetrics.flatMap((scope) => scope.metrics.map(({ descriptor }) => descriptor.name)),
      );
    expect(names).toContain('gen_ai.client.operation.duration');
    expect(seen).toEqual(['A request failed unexpectedly']);
    const [line] = logs.getFinishedLogRecords();
    expect(line).toMatchObject({ body: 'A request failed unexpectedly', severityText: 'ERROR' });
    expect(line?.spanContext?.traceId).toBe(own.spanContext().traceId);
    expect(line?.attributes['exception.type']).toBe('Error');
    expect(JSON.stringify(line?.attributes)).not.toContain('secret of the application');
  });

  it('are found where they are registered for all libraries, and take the place of an exporter', async () => {
    const spans = new InMemorySpanExporter();
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
    closers.push(async () => trace.disable());
    const instance = await open({ sampling: 0 });
    await ask(instance);
    expect(await spansAfter(instance)).toHaveLength(0);
    expect(spans.getFinishedSpans().map(({ name }) => name)).toContain('llm:chat_completion');
    expect(collector.seen.point('gen_ai.client.operation.duration')?.value).toBe(1);
  });
});

describe('a collector that is away', () => {
  it.each(['grpc', 'http'] as const)('over %s costs requests nothing, and is told once', async (protocol) => {
    const warnings: string[] = [];
    const instance = createNexus(
      {
        llm: {
          discovery: { enabled: false },
          providers: { fake: { type: 'openai', apiKey: 'k', baseUrl: `${provider.url}/v1` } },
        },
        telemetry: {
          tracing: { sampling: 1 },
          exporters: {
            otlp: {
              enabled: true,
              endpoint: `http://127.0.0.1:${await freePort()}`,
              protocol,
              timeout: '200ms',
              batchExport: { scheduledDelay: '50ms' },
            },
          },
        },
      },
      { logger: { ...SILENT, warn: (message, fields) => warnings.push(`${message} ${fields?.['signal']}`) } },
    );
    closers.push(() => instance.close());
    await instance.ready();
    const statuses = await Promise.all(Array.from({ length: 20 }, () => ask(instance)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    const begun = performance.now();
    await instance.close();
    expect(performance.now() - begun).toBeLessThan(5500);
    const about = warnings.filter((line) => line.startsWith('The collector takes no telemetry'));
    expect(about.some((line) => line.endsWith('traces'))).toBe(true);
    expect(new Set(about).size).toBe(about.length);
  });

  it('holds up the end for five seconds at most where it never answers', async () => {
    const deaf = createServer(() => {});
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
    closers.push(() => new Promise((resolve) => deaf.close(resolve).closeAllConnections()));
    await collector.close();
    collector = {
      ...collector,
      url: `http://127.0.0.1:${(deaf.address() as AddressInfo).port}`,
      close: async () => {},
    };
    const instance = await open({ sampling: 1 });
    await ask(instance);
    const begun = performance.now();
    await instance.close();
    const took = performance.now() - begun;
    expect(took).toBeGreaterThan(1000);
    expect(took).toBeLessThan(6500);
  });
});

describe('a new configuration', () => {
  const config = (url: string): NexusConfig => ({
    llm: { discovery: { enabled: false }, providers: { fake: { type: 'openai', apiKey: 'k' } } },
    telemetry: { tracing: { sampling: 1 }, exporters: { otlp: { enabled: true, endpoint: url, protocol: 'http' } } },
  });
  const list = async (instance: Nexus) => (await instance.fetch('http://nexus/llm/v1/models')).text();

  it('goes on with the same exporters, or ends them and takes others', async () => {
    const other = await startHttpCollector();
    closers.push(() => other.close());
    const instance = createNexus(config(collector.url), { logger: SILENT });
    closers.push(() => instance.close());
    await instance.ready();
    await list(instance);
    await instance.reload({ ...config(collector.url), server: { maxBody: '1MiB' } });
    await list(instance);
    await instance.reload(config(other.url));
    await instance.ready();
    await list(instance);
    expect(
      instance
        .status()
        .exporters.map(({ signal }) => signal)
        .sort(),
    ).toEqual(['logs', 'metrics', 'traces']);
    await instance.close();
    const count = 'http.server.request.duration';
    expect([collector.seen.total(count), other.seen.total(count)]).toEqual([2, 1]);
    expect(other.seen.spans.filter(({ kind }) => kind === 2)).toHaveLength(1);
  });
});

describe('a file that is missing', () => {
  it('is told at the start, by its key', async () => {
    const instance = createNexus(
      {
        llm: { discovery: { enabled: false }, providers: { fake: { type: 'openai', apiKey: 'k' } } },
        telemetry: {
          exporters: {
            otlp: { enabled: true, endpoint: 'https://127.0.0.1:1', grpc: { tls: { ca: '/nowhere/ca.pem' } } },
          },
        },
      },
      { logger: SILENT },
    );
    closers.push(() => instance.close());
    await expect(instance.ready()).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('grpc.tls.ca'),
    });
    expect((await instance.fetch('http://nexus/llm/v1/models')).status).toBe(200);
  });
});

describe('gRPC over TLS', () => {
  const file = (name: string) => fileURLToPath(new URL(`../fixtures/mcp/tls/${name}`, import.meta.url));
  const secure = { cert: readFileSync(file('server.pem'), 'utf8'), key: readFileSync(file('server-key.pem'), 'utf8') };

  it.each([
    ['trusts the authority it is given, for the name it is given', 'localhost', 1],
    ["refuses another's certificate", 'collector.example.com', 0],
  ])('%s', async (_, domainName, exports) => {
    const secured = await startGrpcCollector(secure);
    closers.push(() => secured.close());
    // By name: over TLS, @grpc/grpc-js names the host it calls, and Node from 24 on takes no address for a name.
    const endpoint = secured.url.replace('127.0.0.1', 'localhost');
    const grpc = { tls: { ca: file('ca.pem'), domainName }, headers: { 'x-tenant': 'a' } };
    const instance = createNexus(
      {
        llm: { discovery: { enabled: false }, providers: { fake: { type: 'openai', apiKey: 'k' } } },
        telemetry: {
          tracing: {
            sampling: 1,
            exporters: { otlp: { enabled: true, endpoint, timeout: '1s', grpc } },
          },
        },
      },
      { logger: SILENT },
    );
    closers.push(() => instance.close());
    await instance.ready();
    await (await instance.fetch('http://nexus/llm/v1/models')).text();
    await instance.close();
    expect(secured.seen.headers).toHaveLength(exports);
    expect(secured.seen.points).toHaveLength(0);
  });
});

describe.skipIf(noRedis !== undefined)('limits in Redis', () => {
  it('are spans of the request that asked, and a metric', async () => {
    const redis = await startRedis();
    closers.push(() => redis.close());
    const rateLimits = {
      enabled: true,
      global: { limit: 100, interval: '60s' },
      perIp: { limit: 1, interval: '60s' },
      storage: { type: 'redis', url: redis.url, responseTimeout: '5s' },
    } as const;
    const instance = await open({ sampling: 1 }, {}, { server: { rateLimits } });
    expect([await ask(instance), await ask(instance)]).toEqual([200, 429]);
    const spans = (await spansAfter(instance)).filter(({ name }) => name.startsWith('redis:'));
    expect(spans.map(({ attributes }) => attributes['rate_limit.allowed'])).toEqual([true, false]);
    const [, refused] = spans;
    expect(refused).toMatchObject({
      name: 'redis:check_and_consume:global+ip',
      attributes: { 'rate_limit.limit': 1, 'rate_limit.interval_ms': 60_000, 'redis.operation': 'check_and_consume' },
    });
    expect(refused?.attributes['rate_limit.retry_after_ms']).toBeGreaterThan(0);
    const root = collector.seen.spans.find(({ spanId }) => spanId === refused?.parentId);
    expect(root?.attributes['http.response.status_code']).toBe(429);
    expect(collector.seen.total('redis.command.duration', { status: 'success' })).toBe(2);
    expect(collector.seen.point('redis.pool.connections.in_use')?.value).toBe(1);
  });
});
