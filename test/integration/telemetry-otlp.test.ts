// OpenTelemetry, as a collector sees it: names, attributes, trees of spans, lines; and what must never be in any of it.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createNexus, type Nexus, type NexusConfig, type NexusOptions } from 'nexus-ai';
import { type ListeningServer, listen } from 'nexus-ai/node';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Collector, type SeenSpan, startGrpcCollector, startHttpCollector } from '../support/otlp-collector.ts';

const COLLECTORS = { http: startHttpCollector, grpc: () => startGrpcCollector() };

/** In everything a request carries that nobody else may read. */
const MARKER = 'zqxv-7141-marker';

let provider: FakeProvider;
let collector: Collector;
let server: ListeningServer | undefined;
let instance: Nexus | undefined;

beforeEach(async () => {
  provider = await createFakeProvider();
});

afterEach(async () => {
  await server?.close({ drain: 0 });
  await instance?.close();
  await collector.close();
  await provider.close();
  server = undefined;
  instance = undefined;
});

type Telemetry = NonNullable<NexusConfig['telemetry']>;

async function open(protocol: 'http' | 'grpc', telemetry: Telemetry = {}, options: NexusOptions = {}): Promise<string> {
  collector = await COLLECTORS[protocol]();
  const otlp = { enabled: true, endpoint: collector.url, protocol, batchExport: { scheduledDelay: '60s' } } as const;
  instance = createNexus(
    {
      server: {
        clientIdentification: {
          enabled: true,
          clientId: { httpHeader: 'x-client' },
          groupId: { httpHeader: 'x-group' },
        },
      },
      llm: {
        discovery: { enabled: false },
        providers: { fake: { type: 'openai', apiKey: `sk-${MARKER}`, baseUrl: `${provider.url}/v1` } },
      },
      telemetry: { tracing: { sampling: 1 }, ...telemetry, exporters: { otlp } },
    },
    { logger: SILENT, ...options },
  );
  await instance.ready();
  server = await listen(instance, { port: 0 });
  return server.url;
}

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

function client(url: string, headers: Record<string, string> = {}): OpenAI {
  const defaultHeaders = { 'x-client': 'anna', 'x-group': 'lab', ...headers };
  return new OpenAI({ apiKey: `caller-${MARKER}`, baseURL: `${url}/llm/v1`, maxRetries: 0, defaultHeaders });
}

/** Everything is exported when the instance closes. */
async function flush() {
  await server?.close({ drain: 0 });
  await instance?.close();
  return collector.seen;
}

function named(spans: readonly SeenSpan[], name: string): SeenSpan {
  const span = spans.find((one) => one.name === name);
  if (span === undefined) throw new Error(`no span ${name} among ${spans.map((one) => one.name).join(', ')}`);
  return span;
}

describe.each(['http', 'grpc'] as const)('over %s', (protocol) => {
  it('tells metrics and spans of model calls, with their names and attributes', async () => {
    const url = await open(protocol, {
      serviceName: 'gateway',
      resourceAttributes: { 'deployment.environment': 'test' },
    });
    const messages = [{ role: 'user' as const, content: MARKER }];
    await client(url).chat.completions.create({ model: 'fake/m', messages, max_tokens: 7, temperature: 0.5 });
    const stream = await client(url).chat.completions.create({ model: 'fake/m', messages, stream: true });
    for await (const _ of stream);
    const { points, resources, spans, point, total } = await flushed();
    expect(resources).toContainEqual(
      expect.objectContaining({ 'service.name': 'gateway', 'deployment.environment': 'test' }),
    );
    const route = { 'http.route': '/llm/v1/chat/completions', 'http.request.method': 'POST' };
    expect(point('http.server.request.duration', { ...route, 'http.response.status_code': 200 })).toMatchObject({
      unit: 's',
      value: 2,
    });
    const call = { 'gen_ai.system': 'nexus.llm', 'gen_ai.operation.name': 'chat.completions', 'client.id': 'anna' };
    expect(total('gen_ai.client.operation.duration', { ...call, 'gen_ai.request.model': 'fake/m' })).toBe(2);
    expect(point('gen_ai.client.operation.duration')?.attributes).toMatchObject({
      'gen_ai.response.finish_reason': expect.stringMatching(/^(stop|length)$/),
      'client.group': 'lab',
    });
    expect(point('gen_ai.client.time_to_first_token', call)?.value).toBe(1);
    const tokens = ['input', 'output', 'total'].map((kind) => total(`gen_ai.client.${kind}.token.usage`, call));
    expect(tokens[2]).toBe((tokens[0] ?? 0) + (tokens[1] ?? 0));
    expect(tokens[0]).toBeGreaterThan(0);
    expect(points.every(({ metric }) => /^(http\.server|gen_ai\.client|mcp|redis)\./.test(metric))).toBe(true);

    const whole = named(spans, 'llm:chat_completion');
    const root = spans.find(({ spanId }) => spanId === whole.parentId);
    expect(root).toMatchObject({ name: 'POST /llm/v1/chat/completions', kind: 2, parentId: '', status: 0 });
    expect(root?.attributes).toMatchObject({
      ...route,
      'url.full': `${url}/llm/v1/chat/completions`,
      'url.scheme': 'http',
      'server.address': '127.0.0.1',
      'http.response.status_code': 200,
      'client.id': 'anna',
      'client.group': 'lab',
    });
    expect(whole.attributes).toMatchObject({
      'gen_ai.request.model': 'fake/m',
      'gen_ai.request.max_tokens': 7,
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.has_tools': false,
      'gen_ai.response.model': 'm',
      'gen_ai.response.finish_reason': 'length',
      'gen_ai.usage.input_tokens': expect.any(Number),
      'llm.stream': false,
      'llm.auth_forwarded': false,
    });
    const attempt = spans.find(({ parentId }) => parentId === whole.spanId);
    expect(attempt).toMatchObject({ name: 'llm:attempt', kind: 3, attributes: { 'gen_ai.provider.name': 'fake' } });
    expect(attempt?.start).toBeGreaterThanOrEqual(root?.start ?? 0);
    expect(attempt?.end).toBeLessThanOrEqual(root?.end ?? 0);
    expect(named(spans, 'llm:chat_completion_stream').attributes['llm.stream']).toBe(true);
  });

  it('sends lines of the log with the trace they belong to', async () => {
    const url = await open(protocol, { logs: { requests: true } });
    await client(url).chat.completions.create({ model: 'fake/m', messages: [{ role: 'user', content: MARKER }] });
    const { logs, spans } = await flushed();
    const line = logs.find(({ attributes }) => attributes['endpoint'] === 'openai.chat.completions');
    const root = named(spans, 'POST /llm/v1/chat/completions');
    expect(line).toMatchObject({ severity: 9, traceId: root.traceId, spanId: root.spanId });
  });

  it('sends its headers', async () => {
    collector = await COLLECTORS[protocol]();
    const secret = { 'x-tenant': 'secret-of-tenant' };
    const headers = protocol === 'http' ? { http: { headers: secret } } : { grpc: { headers: secret } };
    instance = createNexus({
      llm: { discovery: { enabled: false }, providers: { fake: { type: 'openai', apiKey: 'k' } } },
      telemetry: {
        tracing: { sampling: 1 },
        exporters: { otlp: { enabled: true, endpoint: collector.url, protocol, ...headers } },
      },
    });
    await instance.ready();
    await (await instance.fetch('http://nexus/llm/v1/models')).text();
    const { headers: seen, spans } = await flushed();
    expect(seen[0]).toMatchObject(secret);
    expect(named(spans, 'llm:list_models').attributes).not.toHaveProperty('gen_ai.request.model');
  });
});

async function flushed() {
  const seen = await flush();
  return {
    seen,
    points: seen.points,
    spans: seen.spans,
    logs: seen.logs,
    resources: seen.resources,
    headers: seen.headers,
    point: seen.point.bind(seen),
    total: seen.total.bind(seen),
  };
}

describe('MCP', () => {
  const input = { type: 'object', properties: { a: { type: 'number' }, note: { type: 'string' } } } as const;
  const content = [{ type: 'text', text: MARKER }];
  const tools: NonNullable<NexusOptions['tools']> = {
    add: { description: 'adds numbers', input, run: () => ({ content }) },
    broken: { description: 'does not work', run: () => ({ isError: true, content }) },
  };

  it('tells what tools did, and of whom it was asked', async () => {
    const url = await open('http', {}, { tools });
    const mcp = new Client({ name: 'test', version: '1' });
    const requestInit = { headers: { 'x-client': 'anna', 'x-group': 'lab' } };
    await mcp.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit }));
    await mcp.listTools();
    await mcp.callTool({ name: 'search', arguments: { keywords: ['add', MARKER] } });
    await mcp.callTool({ name: 'execute', arguments: { name: 'local__add', arguments: { a: 1, note: MARKER } } });
    await mcp.callTool({ name: 'execute', arguments: { name: 'local__broken', arguments: {} } });
    await mcp.callTool({ name: 'execute', arguments: { name: `local__${MARKER}`, arguments: {} } }).catch(() => {});
    await mcp.close();
    const { point, seen, spans } = await flushed();
    const ok = { status: 'success', 'client.id': 'anna' };
    expect(point('mcp.tools.list.duration', { method: 'list_tools', ...ok })?.value).toBe(1);
    expect(point('mcp.tool.call.duration', { tool_name: 'search', ...ok })?.attributes).toMatchObject({
      tool_type: 'builtin',
      keyword_count: 2,
      result_count: expect.any(Number),
    });
    const call = 'mcp.tool.call.duration';
    expect(point(call, { tool_name: 'add', server_name: 'local', tool_type: 'downstream', ...ok })?.value).toBe(1);
    expect(point(call, { tool_name: 'broken', status: 'error', 'error.type': 'tool_error' })?.value).toBe(1);
    expect(point(call, { status: 'error', 'error.type': 'method_not_found' })?.value).toBe(1);
    const span = spans.find(({ attributes }) => attributes['mcp.execute.target_tool'] === 'add');
    expect(span).toMatchObject({
      name: 'tools/call',
      attributes: {
        'mcp.method': 'tools/call',
        'mcp.tool.name': 'execute',
        'mcp.tool.type': 'builtin',
        'mcp.execute.target_server': 'local',
        'mcp.auth_forwarded': false,
        'client.group': 'lab',
      },
    });
    expect(spans.find(({ spanId }) => spanId === span?.parentId)?.name).toBe('POST /mcp');
    expect(Buffer.concat(seen.raw).includes(MARKER)).toBe(false);
  });

  it('tells of tools that code of the process calls, without a word of HTTP', async () => {
    await open('http', {}, { tools });
    const { mcp } = instance?.as({ id: 'anna', group: 'lab' }) ?? {};
    await mcp?.execute('local__add', { a: 1, note: MARKER });
    await mcp?.execute(`local__${MARKER}`).catch(() => {});
    const { point, seen, spans } = await flushed();
    const call = 'mcp.tool.call.duration';
    expect(point(call, { tool_name: 'add', status: 'success', 'client.id': 'anna' })?.value).toBe(1);
    expect(point(call, { status: 'error', 'error.type': 'method_not_found' })?.value).toBe(1);
    expect(point('http.server.request.duration')).toBeUndefined();
    const [add, none] = spans.filter(({ name }) => name === 'tools/call');
    const [root, failed] = spans.filter(({ name }) => name === 'mcp');
    expect(root).toMatchObject({ kind: 1, parentId: '', status: 0, attributes: { 'client.id': 'anna' } });
    expect(Object.keys(root?.attributes ?? {}).filter((name) => /^(http|url)\./.test(name))).toEqual([]);
    expect(failed?.attributes).toMatchObject({ error: true, 'error.type': 'tool_not_found' });
    expect([add?.parentId, none?.parentId]).toEqual([root?.spanId, failed?.spanId]);
    expect(Buffer.concat(seen.raw).includes(MARKER)).toBe(false);
  });
});

describe('what is never exported', () => {
  it('holds no prompt, answer, argument, key or query', async () => {
    provider.script([{ reply: { text: `${MARKER} says the model` } }]);
    const url = await open('http', { logs: { requests: true } });
    const messages = [{ role: 'user' as const, content: MARKER }];
    const described = [{ type: 'function' as const, function: { name: MARKER, parameters: {} } }];
    await client(url).chat.completions.create({ model: 'fake/m', messages, tools: described });
    // Whatever goes wrong quotes no more.
    await client(url)
      .chat.completions.create({ model: `nowhere/${MARKER}`, messages })
      .catch(() => {});
    await client(url)
      .chat.completions.create({ model: 'fake/m', messages: [{ role: MARKER as 'user', content: '' }] })
      .catch(() => {});
    const post = { method: 'POST', headers: { 'x-client': 'anna', 'content-type': 'application/json' } };
    await (await fetch(`${url}/llm/v1/chat/completions?key=${MARKER}`, { ...post, body: `{"${MARKER}` })).text();
    await (await fetch(`${url}/llm/v1/${MARKER}`, post)).text();
    const { seen, spans, point, total } = await flushed();
    expect(spans.length).toBeGreaterThan(4);
    expect(Buffer.concat(seen.raw).toString('latin1')).not.toContain(MARKER);
    expect(point('http.server.request.duration', { 'http.route': 'unknown' })?.value).toBe(1);
    expect(total('gen_ai.client.operation.duration', { 'error.type': 'invalid_request' })).toBe(2);
  });

  it('leaves clients out of metrics where that is wanted', async () => {
    const url = await open('http', { metrics: { clientIds: false } });
    await client(url).chat.completions.create({ model: 'fake/m', messages: [{ role: 'user', content: 'Hi' }] });
    const { points } = await flushed();
    expect(points.length).toBeGreaterThan(0);
    expect(points.some(({ attributes }) => 'client.id' in attributes)).toBe(false);
    expect(points.some(({ attributes }) => attributes['client.group'] === 'lab')).toBe(true);
  });
});

describe('failures', () => {
  it('tells every attempt and a stream that never began', async () => {
    provider.script([{ reply: { error: { status: 500, message: 'no' } } }]);
    const url = await open('http');
    const messages = [{ role: 'user' as const, content: 'Hi' }];
    await client(url)
      .chat.completions.create({ model: 'fake/m', messages, stream: true })
      .catch(() => {});
    const { point, spans } = await flushed();
    const call = named(spans, 'llm:chat_completion_stream');
    expect(call).toMatchObject({ status: 2, attributes: { error: true, 'error.type': 'provider_api_error' } });
    const attempts = spans.filter(({ parentId }) => parentId === call.spanId);
    expect(attempts.length).toBe(provider.requests.length);
    expect(attempts[0]?.attributes).toMatchObject({ 'error.type': 'server', 'http.response.status_code': 500 });
    expect(point('gen_ai.client.operation.duration', { 'error.type': 'provider_api_error' })?.value).toBe(1);
    expect(point('gen_ai.client.time_to_first_token')).toBeUndefined();
    expect(named(spans, 'POST /llm/v1/chat/completions')).toMatchObject({ status: 2, attributes: { error: true } });
  });
});
