import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createNexus, ERROR_RULES, type ErrorCode, type NexusConfig, NexusError, type NexusOptions } from 'nexus-ai';
import { createFakeProvider, type FakeProvider, type FakeReply } from 'nexus-ai/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KeyServer, oauthTable, openKeyServer, type SigningKey, sign, signingKey } from '../support/key-server.ts';

/*
 * Every error code has a page in docs/errors, and what the page says is so: its status and whether to try again stand in
 * the table of codes, its example is what a caller gets here. NEXUS_WRITE_DOCS=1 writes the examples anew.
 */

const FOLDER = new URL('../../docs/errors/', import.meta.url);
const CODES = Object.keys(ERROR_RULES) as ErrorCode[];
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
/** A port nobody listens on. */
const NOWHERE = 'http://127.0.0.1:1';
const HELLO = { model: 'openai/gpt-5', messages: [{ role: 'user', content: 'Hello' }] };
const CHAT = '/llm/v1/chat/completions';

let provider: FakeProvider;
let keyServer: KeyServer;
let key: SigningKey;

beforeAll(async () => {
  key = await signingKey();
  [provider, keyServer] = await Promise.all([createFakeProvider(), openKeyServer([key.jwk])]);
});
afterAll(async () => {
  await Promise.all([provider.close(), keyServer.close()]);
});

interface Question {
  readonly config?: NexusConfig;
  readonly llm?: NexusConfig['llm'];
  readonly server?: NexusConfig['server'];
  readonly options?: NexusOptions;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  /** What the provider does. */
  readonly reply?: FakeReply;
  /** How often it is asked; the last answer is shown. Default: once. */
  readonly times?: number;
  readonly afterClose?: boolean;
}

/** Asks a Nexus that is made for the question, and shows the answer as it would stand on the wire. */
async function ask(question: Question): Promise<string> {
  const { path = CHAT, method = 'POST', headers, body = HELLO, reply, times = 1 } = question;
  provider.reset();
  if (reply !== undefined) provider.reply(reply);
  const llm = {
    discovery: { enabled: false },
    retry: { attempts: 1 },
    providers: { openai: { type: 'openai', apiKey: 'sk-up', baseUrl: `${provider.url}/v1` } },
    ...question.llm,
  } as const;
  const instance = createNexus(
    { llm, server: question.server ?? {}, ...question.config },
    { logger: SILENT, ...question.options },
  );
  if (question.afterClose === true) await instance.close();
  let shown = '';
  for (let asked = 0; asked < times; asked++) {
    shown = await show(
      await instance.fetch(`http://gateway${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...(method === 'GET' ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    );
  }
  await instance.close({ drain: 0 });
  return shown;
}

/** Headers that differ every time, or are the provider's and passed on. */
const UNTOLD = /^(?:x-nexus-request-id|x-request-id|content-length|openai-.*|x-ratelimit-.*)$/;

async function show(response: Response): Promise<string> {
  const head = [...response.headers].filter(([name]) => !UNTOLD.test(name)).map(([name, value]) => `${name}: ${value}`);
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  // Of a stream, what comes after the text.
  const body = isJson ? JSON.stringify(JSON.parse(text), null, 2) : (text.trim().split('\n\n').at(-1) ?? '');
  return [`HTTP/1.1 ${response.status}`, ...head, '', body].join('\n');
}

const identified = (groups?: string[]) => ({
  clientIdentification: {
    enabled: true,
    clientId: { httpHeader: 'X-Client-Id' },
    groupId: { httpHeader: 'X-Group' },
    ...(groups && { validation: { groupValues: groups } }),
  },
});

/** One way to each error. `undefined`: nobody is left to be answered. */
const EXAMPLES: Record<ErrorCode, () => Promise<string> | string | undefined> = {
  invalid_request: () => ask({ body: { ...HELLO, messages: 'Hello' } }),
  no_capable_target: () =>
    ask({
      llm: {
        providers: {
          local: {
            type: 'ollama',
            models: { small: { capabilities: [], contextWindow: 8192 } },
          },
        },
        routes: { assistant: { targets: ['local/small'] } },
      },
      body: {
        ...HELLO,
        model: 'assistant',
        tools: [{ type: 'function', function: { name: 'now', parameters: { type: 'object' } } }],
      },
    }),
  missing_client_id: () => ask({ server: identified() }),
  invalid_group: () =>
    ask({ server: identified(['support', 'research']), headers: { 'x-client-id': 'ann', 'x-group': 'sales' } }),
  key_missing: () => ask({ llm: { providers: { openai: { type: 'openai', forwardToken: true } } } }),
  token_invalid: async () =>
    ask({
      server: { oauth: oauthTable(keyServer) },
      headers: { authorization: `Bearer ${await sign(key, { aud: 'https://elsewhere.test/' })}` },
    }),
  insufficient_scope: async () =>
    ask({
      server: { oauth: oauthTable(keyServer, { requiredScopes: ['ai'] }) },
      headers: { authorization: `Bearer ${await sign(key, { scope: 'mail' })}` },
    }),
  model_not_found: () => ask({ body: { ...HELLO, model: 'opnai/gpt-5' } }),
  tool_not_found: async () => {
    const instance = createNexus({}, { tools: { add: { description: 'Adds', run: () => 3 } }, logger: SILENT });
    const thrown: unknown = await instance.mcp.execute('local__subtract', {}).catch((error: unknown) => error);
    await instance.close();
    return NexusError.is(thrown) ? `NexusError: ${thrown.message}\n  code: '${thrown.code}'` : String(thrown);
  },
  no_route: () => ask({ path: '/llm/v1/chat' }),
  method_not_allowed: () => ask({ method: 'GET' }),
  payload_too_large: () => ask({ server: { maxBody: '1KiB' }, body: ' '.repeat(2000) }),
  unsupported_media_type: () => ask({ headers: { 'content-type': 'text/plain' } }),
  rate_limited: () =>
    ask({
      server: { rateLimits: { enabled: true, headers: true, global: { limit: 1, interval: '1m' } } },
      options: { runtime: { now: () => 0, elapsed: () => 0 } },
      times: 2,
    }),
  client_closed: () => undefined,
  internal: () =>
    ask({
      options: {
        identify: () => {
          throw new TypeError('a secret of the application');
        },
      },
    }),
  key_set_unavailable: async () =>
    ask({
      server: { oauth: oauthTable({ url: `${NOWHERE}/jwks` }) },
      headers: { authorization: `Bearer ${await sign(key)}` },
    }),
  shutting_down: () => ask({ afterClose: true }),
  store_unavailable: () =>
    ask({
      server: {
        rateLimits: {
          enabled: true,
          onError: 'deny',
          global: { limit: 10, interval: '1m' },
          storage: { type: 'redis', url: 'redis://127.0.0.1:1' },
        },
      },
    }),
  upstream_rejected: () => ask({ reply: { error: { status: 400, message: "Unknown parameter: 'tempo'." } } }),
  upstream_rate_limited: () =>
    ask({ reply: { error: { status: 429, message: 'Rate limit reached', retryAfter: 20 } } }),
  upstream_failed: () => ask({ reply: { error: { status: 500, message: 'The server had an error' } } }),
  upstream_auth: () => ask({ reply: { error: { status: 401, message: 'Incorrect API key provided: sk-up' } } }),
  upstream_invalid: () => ask({ reply: { fault: 'html' } }),
  upstream_unavailable: () =>
    ask({ llm: { providers: { openai: { type: 'openai', apiKey: 'sk-up', baseUrl: `${NOWHERE}/v1` } } } }),
  // In this dialect a stream has an end that cannot be mistaken.
  stream_truncated: () =>
    ask({
      path: '/llm/v1/responses',
      body: { model: 'openai/gpt-5', input: 'Hello', stream: true },
      reply: { text: 'Hello there', fault: 'no-done' },
    }),
  upstream_timeout: () => ask({ llm: { timeout: '50ms' }, reply: { fault: 'hang' } }),
  config_invalid: () => {
    try {
      createNexus({
        llm: { providers: { openai: { type: 'openai', api_key: 'sk-up', tiemout: '30s' } } },
        servre: { max_body: '1MiB' },
      } as unknown as NexusConfig);
      return 'accepted';
    } catch (error) {
      return String(error);
    }
  },
};

const pageOf = (code: ErrorCode) => new URL(`${code}.md`, FOLDER);
const read = (code: ErrorCode) => readFileSync(pageOf(code), 'utf8');

describe('pages of errors', () => {
  it('are one for every code, and no more', () => {
    const pages = readdirSync(FOLDER).filter((name) => name !== 'README.md');
    expect(pages.toSorted()).toEqual(CODES.map((code) => `${code}.md`).toSorted());
  });

  it.each(CODES)('%s: status and advice as in the table of codes', (code) => {
    const { status, retryable } = ERROR_RULES[code];
    const lines = read(code).split('\n');
    expect(lines[0]).toBe(`# ${code}`);
    const facts = lines.find((line) => line.startsWith('**Status**')) ?? '';
    expect(facts).toMatch(new RegExp(`^\\*\\*Status\\*\\* ${status}\\b`));
    expect(facts).toMatch(retryable ? /\*\*Try again\*\* yes/ : /\*\*Try again\*\* no/);
    for (const part of ['## When it comes', '## What the caller can do', '## What the operator can do']) {
      expect(lines).toContain(part);
    }
  });

  it.each(CODES)('%s: the example is what a caller gets', async (code) => {
    const shown = await EXAMPLES[code]();
    const page = read(code);
    const block = /(## Example\n\n```\w+\n)([\s\S]*?)(\n```)/.exec(page);
    if (shown === undefined) {
      expect(block).toBeNull();
      return;
    }
    expect(block).not.toBeNull();
    if (process.env['NEXUS_WRITE_DOCS'] === '1') {
      writeFileSync(
        pageOf(code),
        page.replace(/(## Example\n\n```\w+\n)[\s\S]*?(\n```)/, (_, a, b) => a + shown + b),
      );
    } else {
      expect(block?.[2]).toBe(shown);
    }
    if (shown.startsWith('HTTP/') && code !== 'stream_truncated') {
      expect(shown).toContain(`HTTP/1.1 ${ERROR_RULES[code].status}\n`);
      expect(shown).toContain(`\nx-nexus-error: ${code}\n`);
    }
  });

  it('are where an error says', () => {
    for (const code of CODES) expect(new NexusError(code, '').help).toBe(`nexus-ai/docs/errors/${code}.md`);
    const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(manifest.files).toContain('docs/errors');
  });

  it('are listed in the overview, with their status', () => {
    const overview = readFileSync(new URL('README.md', FOLDER), 'utf8');
    for (const code of CODES) {
      const row = overview.split('\n').find((line) => line.startsWith(`| [\`${code}\`](${code}.md) `));
      expect(row, code).toBeDefined();
      expect(row?.split('|')[2]?.trim(), code).toBe(String(ERROR_RULES[code].status));
    }
  });
});
