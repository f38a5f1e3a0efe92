import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Anthropic from '@anthropic-ai/sdk';
import { ApiError, GoogleGenAI } from '@google/genai';
import { createNexus, defineProvider, type NexusConfig, type RequestRecord } from 'nexus-ai';
import { type ListeningServer, listen } from 'nexus-ai/node';
import { createReplayer, type RecordedExchange, type Replayer } from 'nexus-ai/testing';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProviderDefinition } from '../../src/core/llm/providers/definition.ts';
import { PROVIDERS } from '../../src/core/llm/providers/registry.ts';
import { type Said, saidByChat, saidByGoogle, saidByMessages, saidByResponses } from '../support/said.ts';

/*
 * Every kind of provider must show, in each protocol it speaks: a text, a tool call, a stream, an error, and usage in
 * all but the error. What the vendor sends is a fixture (how to write one: docs/guide/vendors.md); the stock client of
 * its own protocol reads it, and one of a foreign protocol, through Nexus.
 */

const FOLDER = fileURLToPath(new URL('../fixtures/vendors/', import.meta.url));
const CASES = ['text', 'tool-call', 'stream', 'error'] as const;
type Case = (typeof CASES)[number];

interface Fixture {
  /** Where it was recorded, or that it was written for these tests. */
  readonly source: { readonly repo: string; readonly path: string; readonly license: string } | 'constructed';
  readonly documentation?: string;
  /** Of a constructed answer: when it was held against what, or that nothing was found. */
  readonly checked?: string;
  /** Why the vendor has no such answer; then there is nothing else. */
  readonly absent?: string;
  readonly protocol: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly text?: string;
  readonly base64?: string;
  readonly said?: Said;
  /** What a relay leaves as the vendor says it, where that differs. */
  readonly relayed?: Partial<Said>;
  /** What a caller sees of an error. */
  readonly error?: { readonly status: number; readonly message: string };
}

/** A vendor as a host would define it. */
const ACME = defineProvider({
  kind: 'acme',
  protocols: [{ id: 'openai-chat', path: '/chat/completions' }],
  authorize: (key) => ['x-acme-key', key],
  clientHeaders: [],
  origin: undefined,
});
/** Its server is one of OpenAI's dialect. */
const BORROWED: ReadonlyMap<string, string> = new Map([['acme', 'openai']]);
const KINDS: readonly ProviderDefinition[] = [...PROVIDERS.values(), ACME];

/** Where a kind's paths begin, when that is not `/v1`. */
const PATHS: ReadonlyMap<string, string> = new Map([
  ['azure', '/openai/v1'],
  ['google', '/v1beta'],
  ['bedrock', ''],
]);
/** What a kind needs beside an address. */
const MORE: ReadonlyMap<string, object> = new Map([
  ['bedrock', { region: 'eu-central-1', accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' }],
]);

/** The first protocol's fixtures are named for the case; those of further ones have the protocol behind it. */
function fileOf({ kind, protocols }: ProviderDefinition, protocol: string, name: Case): string {
  const suffix = protocols[0]?.id === protocol ? '' : `.${protocol}`;
  return `${BORROWED.get(kind) ?? kind}/${name}${suffix}.json`;
}

const readFixture = (file: string): Fixture => JSON.parse(readFileSync(FOLDER + file, 'utf8'));

const WANTED = KINDS.flatMap((definition) =>
  definition.protocols.flatMap(({ id }) =>
    CASES.map((name) => ({ definition, protocol: id, name, file: fileOf(definition, id, name) })),
  ),
);

describe('the fixtures', () => {
  it('are there for every kind, every protocol and every case', () => {
    expect(WANTED.filter(({ file }) => !existsSync(FOLDER + file)).map(({ file }) => file)).toEqual([]);
  });

  it('are all read', () => {
    const present = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
    const wanted = new Set(WANTED.map(({ file }) => file));
    expect(present.map((name) => name.replaceAll('\\', '/')).filter((name) => !wanted.has(name))).toEqual([]);
  });

  it.each(WANTED)('$file says where it comes from and what it says', ({ protocol, name, file }) => {
    const { source, documentation, checked, absent, said, error, protocol: spoken } = readFixture(file);
    if (absent !== undefined) {
      expect(absent.length).toBeGreaterThan(20);
      expect(documentation).toMatch(/^https:\/\//);
      return;
    }
    expect(spoken).toBe(protocol);
    if (source === 'constructed') {
      expect(documentation).toMatch(/^https:\/\//);
      expect(checked).toMatch(/^20\d\d-\d\d: \S.{20}/);
    } else expect(source).toMatchObject({ repo: expect.stringMatching(/\//), license: expect.stringMatching(/./) });
    if (name === 'error') return expect(error?.status).toBeGreaterThanOrEqual(400);
    expect(said?.input).toBeGreaterThan(0);
    expect(said?.output).toBeGreaterThan(0);
    if (name === 'tool-call') expect(said?.calls.length).toBeGreaterThan(0);
    else expect([said?.text, said?.calls]).not.toEqual(['', []]);
  });
});

describe('docs/guide/vendors.md', () => {
  const page = readFileSync(new URL('../../docs/guide/vendors.md', import.meta.url), 'utf8');
  const rows = (text: string) =>
    text.split('\n').map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .join('|'),
    );
  const [table = ''] = page.split('\n\n').filter((block) => rows(block)[0]?.startsWith('|`type`|'));

  it('lists the kinds there are, and what they are', () => {
    const expected = [...PROVIDERS.values()].map(
      ({ kind, baseUrl, protocols, authorize, openTransport, keyless = false }) => {
        const [header] = authorize('key');
        const unsaid = openTransport === undefined ? 'yours' : 'the region’s';
        const place = baseUrl === undefined ? unsaid : `\`${baseUrl}\``;
        const key = header === undefined ? 'a signature' : `\`${header}\`${keyless ? ', if any' : ''}`;
        return `|\`${kind}\`|${place}|${protocols.map(({ id }) => `\`${id}\``).join(', ')}|${key}|`;
      },
    );
    expect(rows(table).slice(2)).toEqual(expected);
  });
});

let replayer: Replayer;
let server: ListeningServer;
let records: RequestRecord[];

beforeAll(async () => {
  replayer = await createReplayer();
  const providers = Object.fromEntries(
    KINDS.map(({ kind }) => {
      const baseUrl = `${replayer.url}${PATHS.get(kind) ?? '/v1'}`;
      const own = MORE.get(kind) ?? { apiKey: 'sk-upstream' };
      return [kind, { type: kind, baseUrl, ...own, models: { m: {} }, modelsOnly: true }];
    }),
  );
  const config = { llm: { discovery: { enabled: false }, retry: { attempts: 1 }, providers } } as NexusConfig;
  const nexus = createNexus(config, { providers: [ACME], sinks: [(record) => records.push(record)] });
  server = await listen(nexus, { port: 0 });
});
beforeEach(() => {
  records = [];
});
afterAll(async () => {
  await server.close({ drain: 0 });
  await replayer.close();
});

/** The stock client of each protocol: what it understood of an answer. Errors are of its own class. */
const CLIENTS: Readonly<Record<string, (model: string, stream: boolean) => Promise<Said>>> = {
  async 'openai-chat'(model, stream) {
    const client = new OpenAI({ apiKey: 'caller', baseURL: `${server.url}/llm/v1`, maxRetries: 0 });
    const body = { model, messages: [{ role: 'user' as const, content: 'Hi' }] };
    if (!stream) return saidByChat([await client.chat.completions.create(body)]);
    const chunks: object[] = [];
    const options = { stream: true as const, stream_options: { include_usage: true } };
    for await (const chunk of await client.chat.completions.create({ ...body, ...options })) chunks.push(chunk);
    return saidByChat(chunks);
  },
  async 'openai-responses'(model, stream) {
    const client = new OpenAI({ apiKey: 'caller', baseURL: `${server.url}/llm/v1`, maxRetries: 0 });
    const body = { model, input: 'Hi', store: false };
    return saidByResponses(
      stream ? await client.responses.stream(body).finalResponse() : await client.responses.create(body),
    );
  },
  async 'anthropic-messages'(model, stream) {
    const client = new Anthropic({ apiKey: 'caller', baseURL: `${server.url}/llm`, maxRetries: 0 });
    const body = { model, max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hi' }] };
    return saidByMessages(
      stream ? await client.messages.stream(body).finalMessage() : await client.messages.create(body),
    );
  },
  async 'google-generate'(model, stream) {
    const httpOptions = { baseUrl: `${server.url}/llm/google`, retryOptions: { attempts: 1 } };
    const { models } = new GoogleGenAI({ apiKey: 'caller', httpOptions });
    const request = { model, contents: 'Hi' };
    if (!stream) return saidByGoogle([await models.generateContent(request)]);
    const chunks: object[] = [];
    for await (const chunk of await models.generateContentStream(request)) chunks.push(chunk);
    return saidByGoogle(chunks);
  },
};

/** Its own where clients speak it, and one that has to be translated, to what is spoken there first. */
function clientsFor({ protocols }: ProviderDefinition, protocol: string): string[] {
  const own = protocol in CLIENTS ? [protocol] : [];
  if (protocols[0]?.id !== protocol) return own;
  return [...own, protocol === 'anthropic-messages' ? 'openai-chat' : 'anthropic-messages'];
}

function exchangeOf({ status, headers, body, text, base64 }: Fixture, id: string, stream: boolean): RecordedExchange {
  const answer = text !== undefined ? { text } : base64 !== undefined ? { base64 } : { body };
  return {
    id,
    source: { repo: '', commit: '', path: '', license: '' },
    conversation: id,
    index: 0,
    provider: '',
    api: '',
    stream: stream && status < 400,
    model: null,
    request: null,
    response: { status, headers, ...answer },
    features: [],
  };
}

const shown = (error: unknown) => {
  const raised = error instanceof OpenAI.APIError || error instanceof Anthropic.APIError || error instanceof ApiError;
  return raised ? { status: error.status, message: error.message } : error;
};

const WALKS = WANTED.flatMap((wanted) =>
  clientsFor(wanted.definition, wanted.protocol).map((client) => ({
    ...wanted,
    client,
    kind: wanted.definition.kind,
    title: `${wanted.definition.kind}, ${wanted.protocol}, ${wanted.name}, read by a client of ${client}`,
  })),
);

describe.each(WALKS)('$title', ({ kind, name, file, client }) => {
  const fixture = existsSync(FOLDER + file) ? readFixture(file) : undefined;

  it.skipIf(fixture?.absent !== undefined)('is understood', async () => {
    if (fixture === undefined) throw new Error(`There is no fixture ${file}`);
    const { said, error, protocol, relayed } = fixture;
    const stream = name === 'stream';
    const ask = () => CLIENTS[client]?.(`${kind}/m`, stream);
    const playback = replayer.play(exchangeOf(fixture, file, stream), { cut: stream ? { seed: 5 } : 'whole' });
    if (error !== undefined) {
      const raised = await Promise.resolve(ask()).then(() => 'an answer', shown);
      expect(raised).toMatchObject({ status: error.status, message: expect.stringContaining(error.message) });
    } else {
      expect(await ask()).toEqual(client === protocol ? { ...said, ...relayed } : said);
      // What the record says is counted beside the relay, or on the way through the translation.
      await expect.poll(() => records[0]?.usage).toMatchObject({ input: said?.input, output: said?.output });
    }
    expect((await playback.request).method).toBe('POST');
  });
});
