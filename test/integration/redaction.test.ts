// Nothing secret and nothing that a caller wrote is told to those who watch: not in a log line, a metric, a record, the
// status, or an answer that refuses.
import { inspect } from 'node:util';
import { createNexus, type Logger, lineLogger, type NexusConfig, type RequestRecord } from 'nexus-ai';
import { type ListeningServer, listen } from 'nexus-ai/node';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { postModern } from '../support/mcp-post.ts';

const MARKER = 'marker7f3a9c';
const KEY = `sk-${MARKER}-key`;

let provider: FakeProvider;
let server: ListeningServer;
const records: RequestRecord[] = [];
const lines: string[] = [];
/** What clients were told when they were refused. */
const refusals: string[] = [];
let nexus: ReturnType<typeof createNexus>;

/** Everything a logger is given, deeper than any line would show it. */
const keepAll = (format: 'json' | 'text'): Logger =>
  lineLogger({ level: 'debug', format }, { write: (text) => lines.push(text) });

beforeAll(async () => {
  provider = await createFakeProvider();
  const baseUrl = `${provider.url}/v1`;
  const headers = [{ rule: 'insert' as const, name: 'x-vendor-secret', value: `${MARKER}-header` }];
  const config: NexusConfig = {
    llm: {
      discovery: { enabled: true },
      retry: { attempts: 1 },
      routes: { safe: { targets: ['openai/gpt-5', 'anthropic/claude-haiku-4-5'] } },
      providers: {
        openai: { type: 'openai', apiKey: KEY, baseUrl, headers },
        anthropic: { type: 'anthropic', apiKey: KEY, baseUrl },
        dead: { type: 'openai', apiKey: KEY, baseUrl: 'http://127.0.0.1:1/v1' },
      },
    },
    mcp: {
      stateSecret: `${MARKER}-state-secret-of-thirty-two`,
      servers: {
        broken: { url: 'http://127.0.0.1:1/mcp', auth: { token: `${MARKER}-mcp` } },
        program: { cmd: ['no-such-program', `${MARKER}-argument`], env: { TOKEN: `${MARKER}-env` } },
      },
    },
    server: { rateLimits: { enabled: true, global: { limit: 1000, interval: '1m' } }, maxBody: '64KiB' },
    telemetry: {
      prometheus: { enabled: true, token: `${MARKER}-scrape` },
      status: { enabled: true, token: `${MARKER}-look` },
      logs: { requests: true },
    },
  };
  const [json, text] = [keepAll('json'), keepAll('text')];
  const both = (level: keyof Logger) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    json[level](message, fields);
    text[level](message, fields);
    lines.push(inspect(fields, { depth: 10 }));
  };
  nexus = createNexus(config, {
    logger: { debug: both('debug'), info: both('info'), warn: both('warn'), error: both('error') },
    sinks: [(record) => records.push(record)],
    tools: {
      fail: {
        description: 'Fails',
        run: () => {
          throw new Error('a failure of the tool');
        },
      },
    },
  });
  server = await listen(nexus, { port: 0 });
  await nexus.ready();
});
afterAll(async () => {
  await server.close({ drain: 0 });
  await provider.close();
});

async function post(path: string, body: string, headers: Record<string, string> = {}): Promise<void> {
  const response = await fetch(server.url + path, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${MARKER}-caller`,
      'x-api-key': `${MARKER}-caller`,
      cookie: `session=${MARKER}`,
      [`x-${MARKER}`]: MARKER,
      ...headers,
    },
  });
  const text = await response.text();
  if (response.status >= 400) refusals.push(text, JSON.stringify([...response.headers]));
}

const prompt = (model: string, more: object = {}): string =>
  JSON.stringify({
    model,
    messages: [{ role: 'user', content: `my password is ${MARKER}` }],
    tools: [{ type: 'function', function: { name: 'look', description: MARKER, parameters: { type: 'object' } } }],
    user: MARKER,
    ...more,
  });

it('keeps the marker out of everything, whatever goes wrong', async () => {
  const chat = '/llm/v1/chat/completions';
  for (const model of ['openai/gpt-5', 'anthropic/claude-haiku-4-5', 'safe', 'dead/x', 'nobody/x', 'bare']) {
    for (const stream of [false, true]) await post(chat, prompt(model, { stream }));
  }
  await post('/llm/v1/responses', JSON.stringify({ model: 'openai/gpt-5', input: MARKER }));
  await post('/llm/v1/messages', prompt('anthropic/claude-haiku-4-5', { max_tokens: 5 }));
  await post('/llm/v1/embeddings', JSON.stringify({ model: 'openai/text-embedding-3-small', input: MARKER }));
  // What a provider says of our key, and bodies that no provider should send.
  const echo = `Incorrect API key provided: ${KEY}`;
  provider.script([
    { times: 2, reply: { error: { status: 401, message: echo } } },
    { times: 2, reply: { error: { status: 500, message: echo } } },
    { times: 2, reply: { body: `<html>${MARKER}</html>`, contentType: 'text/html' } },
    { times: 2, reply: { fault: 'truncated-json' } },
    { times: 2, reply: { text: `${MARKER} ${MARKER} ${MARKER}`, fault: 'reset', after: 2 } },
  ]);
  for (let i = 0; i < 10; i++) await post(chat, prompt('openai/gpt-5', { stream: i % 2 === 0 }));
  // What is wrong with the request itself.
  await post(chat, `{"model":"openai/gpt-5","messages":"${MARKER}"`);
  await post(chat, prompt('openai/gpt-5', { temperature: MARKER }));
  await post(chat, prompt('openai/gpt-5', { messages: [{ role: 'user', content: [{ type: 'text', text: 7 }] }] }));
  await post(chat, prompt('openai/gpt-5', { padding: MARKER.repeat(10_000) }));
  await post(chat, MARKER, { 'content-type': 'text/plain' });
  // Tools: one that fails, one that is not there, arguments that do not fit.
  const execute = (name: string) => ({ name: 'execute', arguments: { name, arguments: { secret: MARKER } } });
  for (const name of ['local__fail', 'local__nothing', 'broken__x']) {
    await postModern(`${server.url}/mcp`, 'tools/call', execute(name));
  }
  await postModern(`${server.url}/mcp`, 'tools/call', { name: 'search', arguments: { keywords: [MARKER] } });
  await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${MARKER}-wrong` } });

  await expect.poll(() => records.length).toBeGreaterThan(30);
  await expect.poll(() => nexus.status().records.queued).toBe(0);
  const metrics = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${MARKER}-scrape` } });
  const status = await fetch(`${server.url}/status`, { headers: { authorization: `Bearer ${MARKER}-look` } });
  expect([metrics.status, status.status]).toEqual([200, 200]);

  expect(lines.length).toBeGreaterThan(30);
  expect(refusals.length).toBeGreaterThan(20);
  const told = {
    lines: lines.join('\n'),
    records: inspect(records, { depth: 10, maxArrayLength: null }) + JSON.stringify(records),
    refusals: refusals.join('\n'),
    metrics: await metrics.text(),
    status: (await status.text()) + inspect(nexus.status(), { depth: 10 }),
  };
  for (const [where, text] of Object.entries(told)) {
    const at = text.indexOf(MARKER);
    const found = at < 0 ? '' : text.slice(Math.max(0, at - 300), at + 100);
    expect(found, `the marker stands in the ${where}`).toBe('');
  }
});
