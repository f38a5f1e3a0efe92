import { request as httpRequest } from 'node:http';
import net from 'node:net';
import { createNexus, type RequestRecord } from 'nexus-ai';
import { type ListeningServer, listen } from 'nexus-ai/node';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bothVendors } from '../support/doors.ts';

const MAX_BODY = 64 * 1024;

let provider: FakeProvider;
let server: ListeningServer;
let records: RequestRecord[];

beforeAll(async () => {
  provider = await createFakeProvider();
  const config = bothVendors(provider.url);
  config.server = { maxBody: MAX_BODY };
  server = await listen(createNexus(config, { sinks: [(record) => records.push(record)] }), { port: 0 });
});
beforeEach(() => {
  provider.reset();
  records = [];
});
afterAll(async () => {
  await server.close({ drain: 0 });
  await provider.close();
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

async function send(path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(server.url + path, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

function post(body: RequestInit['body'], headers: Record<string, string> = {}): Promise<Answer> {
  return send('/llm/v1/chat/completions', {
    method: 'POST',
    body: body ?? null,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

/** An error in OpenAI's envelope, with nothing of our inside in it. */
function expectRefusal(answer: Answer, status: number, type: string): { message: string; param: string | null } {
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(answer.headers.get('x-nexus-request-id')).toMatch(/^[\w-]{8,}$/);
  expect(answer.headers.get('x-nexus-error')).toMatch(/^[a-z_]+$/);
  const { error } = JSON.parse(answer.text) as {
    error: { message: string; type: string; param: string | null; code: number };
  };
  expect(error).toEqual({ message: expect.any(String), type, param: error.param, code: status });
  expect(answer.text).not.toMatch(/\n\s+at |node:internal|\.[tj]s:\d/);
  return error;
}

async function expectStillFine(): Promise<void> {
  const answer = await post(JSON.stringify({ model: 'openai/x', messages: [{ role: 'user', content: 'hi' }] }));
  expect(answer.status).toBe(200);
}

describe('bodies', () => {
  it.each([
    ['nothing', ''],
    ['not JSON', '{"model":'],
    ['two documents', '{}{}'],
    ['text', '"hello"'],
    ['a number', '42'],
    ['null', 'null'],
    ['a list', '[]'],
    ['an empty object', '{}'],
    ['20,000 levels', '['.repeat(20_000)],
    ['bytes that are no UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ])('refuses %s', async (_, body) => {
    expectRefusal(await post(body), 400, 'invalid_request_error');
    expect(provider.requests).toHaveLength(0);
    await expectStillFine();
  });

  const good = { model: 'openai/x', messages: [{ role: 'user', content: 'hi' }] };
  it.each<[string, object, string]>([
    ['model missing', { ...good, model: undefined }, 'model'],
    ['model a number', { ...good, model: 7 }, 'model'],
    ['model empty', { ...good, model: '' }, 'model'],
    ['messages missing', { ...good, messages: undefined }, 'messages'],
    ['messages an object', { ...good, messages: {} }, 'messages'],
    ['messages empty', { ...good, messages: [] }, 'messages'],
    ['a message that is text', { ...good, messages: ['hi'] }, 'messages[0]'],
    ['an unknown role', { ...good, messages: [{ role: 'wizard', content: 'hi' }] }, 'messages[0].role'],
    ['content a number', { ...good, messages: [{ role: 'user', content: 1 }] }, 'messages[0].content'],
    ['a part without a type', { ...good, messages: [{ role: 'user', content: [{}] }] }, 'messages[0].content[0].type'],
    ['temperature text', { ...good, temperature: 'hot' }, 'temperature'],
    ['max_tokens negative', { ...good, max_tokens: -1 }, 'max_tokens'],
    ['stop an object', { ...good, stop: {} }, 'stop'],
    ['stream text', { ...good, stream: 'yes' }, 'stream'],
    ['tools an object', { ...good, tools: {} }, 'tools'],
    ['a tool without a name', { ...good, tools: [{ type: 'function', function: {} }] }, 'tools[0].function.name'],
  ])('names the field: %s', async (_, body, param) => {
    for (const model of ['openai/x', 'anthropic/x']) {
      const text = JSON.stringify('model' in body && body.model === 'openai/x' ? { ...body, model } : body);
      expect(expectRefusal(await post(text), 400, 'invalid_request_error').param).toBe(param);
    }
    expect(provider.requests).toHaveLength(0);
  });

  it('refuses what is over the limit, announced or not, and goes on', async () => {
    const body = JSON.stringify({ ...good, user: 'x'.repeat(MAX_BODY) });
    expectRefusal(await post(body), 413, 'invalid_request_error');
    const chunked = await new Promise<number>((resolve, reject) => {
      const request = httpRequest(`${server.url}/llm/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
      });
      request.on('response', (response) => resolve(response.resume().statusCode ?? 0));
      request.on('error', reject);
      request.end(body);
    });
    expect(chunked).toBe(413);
    await expectStillFine();
  });

  it('takes a body of just the limit', async () => {
    const text = JSON.stringify({ ...good, user: '' });
    const answer = await post(JSON.stringify({ ...good, user: 'x'.repeat(MAX_BODY - text.length) }));
    expect(answer.status).toBe(200);
  });

  it.each([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['plain text', { 'content-type': 'text/plain' }],
    ['gzip', { 'content-encoding': 'gzip' }],
  ])('refuses %s', async (_, headers) => {
    expectRefusal(await post('{}', headers), 415, 'invalid_request_error');
  });

  it('is not polluted by hostile keys', async () => {
    for (const model of ['openai/x', 'anthropic/x']) {
      const body = `{"model":"${model}","messages":[{"role":"user","content":"hi","__proto__":{"a":1}}],"metadata":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}`;
      expect((await post(body)).status).toBe(200);
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    await expectStillFine();
  });

  it('sends upstream the model it decided on, whatever a second key says', async () => {
    const messages = '"messages":[{"role":"user","content":"hi"}]';
    await post(`{"model":"openai/first","model":"openai/second",${messages}}`);
    await post(`{"mod\\u0065l":"openai/third",${messages}}`);
    expect(provider.requests.map(({ body }) => (body as { model: string }).model)).toEqual(['second', 'third']);
    expect(provider.requests[0]?.bytes.toString()).not.toContain('first');
  });
});

describe('models', () => {
  it.each([
    ['gpt-4o', 400, "expected 'provider/model', got 'gpt-4o'"],
    ['openai/', 400, 'Invalid model format'],
    ['/gpt-4o', 404, "Provider '' not found"],
    ['/', 400, 'Invalid model format'],
    ['nobody/gpt-4o', 404, "Provider 'nobody' not found"],
    ['__proto__/x', 404, "Provider '__proto__' not found"],
    ['constructor/x', 404, "Provider 'constructor' not found"],
  ])('%s', async (model, status, message) => {
    const answer = await post(JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }));
    const error = expectRefusal(answer, status, status === 400 ? 'invalid_request_error' : 'not_found_error');
    expect(error.message).toContain(message);
    expect(error.param).toBe('model');
  });

  it('keeps header injection out', async () => {
    const model = 'openai/x\r\nset-cookie: a=b';
    const answer = await post(JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }));
    expect(answer.headers.get('set-cookie')).toBeNull();
    const id = await post('{}', { 'x-nexus-request-id': 'has blanks, and more' });
    expect(id.headers.get('x-nexus-request-id')).not.toContain(' ');
  });
});

describe('paths and methods', () => {
  it('answers 404 below our prefix in our dialect', async () => {
    for (const path of ['/llm', '/llm/v1/nothing', '/llm/v1/chat/completions/']) {
      expectRefusal(await send(path, { method: 'GET' }), 404, 'not_found_error');
    }
  });

  it('answers 404 elsewhere when there is no host behind', async () => {
    expect((await send('/', { method: 'GET' })).status).toBe(404);
  });

  it('answers 405 with the methods there are', async () => {
    const get = await send('/llm/v1/chat/completions', { method: 'GET' });
    expectRefusal(get, 405, 'invalid_request_error');
    expect(get.headers.get('allow')).toBe('POST, OPTIONS');
    expectRefusal(await send('/llm/v1/models', { method: 'DELETE' }), 405, 'invalid_request_error');
  });

  it('answers OPTIONS and health', async () => {
    expect((await send('/llm/v1/chat/completions', { method: 'OPTIONS' })).status).toBe(200);
    expect(JSON.parse((await send('/health', { method: 'GET' })).text)).toEqual({ status: 'healthy' });
  });
});

describe('clients that misbehave', () => {
  const half =
    'POST /llm/v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"model"';

  it('survives clients that leave in the middle of their body', async () => {
    for (let i = 0; i < 20; i++) {
      await new Promise<void>((resolve) => {
        const socket = net.connect(Number(new URL(server.url).port), '127.0.0.1', () => {
          socket.write(half, () => socket.resetAndDestroy());
        });
        socket.on('close', () => resolve());
      });
    }
    await expectStillFine();
    expect(provider.requests).toHaveLength(1);
  });

  it('records every request once, also those that were refused', async () => {
    await post('{');
    await post(JSON.stringify({ model: 'openai/x', messages: [{ role: 'user', content: 'hi' }] }));
    await new Promise((resolve) => setImmediate(resolve));
    expect(records).toMatchObject([
      { status: 400, error: 'invalid_request', endpoint: 'openai.chat.completions', provider: undefined },
      { status: 200, error: undefined, provider: 'openai', model: 'x', requestedModel: 'openai/x', stream: false },
    ]);
    expect(records[1]?.usage?.output).toBeGreaterThan(0);
    expect(JSON.stringify(records)).not.toContain('sk-upstream');
  });
});
