import { createNexus, type RequestRecord } from 'nexus-ai';
import { type ListeningServer, listen } from 'nexus-ai/node';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { estimateTokens } from '../../src/core/llm/metering/estimate.ts';
import { bothVendors } from '../support/doors.ts';

/*
 * What the record of an answer says that was cut, or that never said what it cost. The provider's bill is the text it sent;
 * it is compared in our own estimate of tokens, so that only what was received is measured and not the rule of counting.
 */

const TEXT = 'The quick brown fox jumps over the lazy dog, and then it rests for a while in the tall grass. '.repeat(
  40,
);
const QUESTION = 'Tell me a long story about a fox, please, and leave nothing out.';
const PRICE = { input: 2, output: 8 };

let provider: FakeProvider;
let server: ListeningServer;
let records: RequestRecord[];
let arrived: () => void = () => undefined;

beforeAll(async () => {
  provider = await createFakeProvider();
  const config = bothVendors(provider.url, { timeout: '5s', firstByteTimeout: '600ms', idleTimeout: '600ms' });
  for (const one of Object.values(config.llm?.providers ?? {})) one.models = { x: { price: PRICE } };
  const sink = (record: RequestRecord) => {
    records.push(record);
    arrived();
  };
  server = await listen(createNexus(config, { sinks: [sink] }), { port: 0 });
});
beforeEach(() => {
  provider.reset();
  records = [];
});
afterAll(async () => {
  await server.close({ drain: 0 });
  await provider.close();
});

/** Streams an answer; with `leaveAfter`, goes away after that much text. Gives the text that came, and the record. */
async function ask(path: string, model: string, { stream = true, leaveAfter = Number.POSITIVE_INFINITY } = {}) {
  const sealed = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const leaving = new AbortController();
  let received = '';
  try {
    const answer = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ model, stream, max_tokens: 5000, messages: [{ role: 'user', content: QUESTION }] }),
      signal: leaving.signal,
    });
    const decoder = new TextDecoder();
    let wire = '';
    for await (const chunk of answer.body ?? []) {
      wire += decoder.decode(chunk as Uint8Array, { stream: true });
      received = textIn(wire);
      if (received.length >= leaveAfter) leaving.abort();
    }
  } catch {
    // The connection broke, or we left.
  }
  await sealed;
  const [record] = records;
  if (record === undefined) throw new Error('no record');
  return { received, record };
}

/** The text in the whole frames of a stream of either dialect. */
function textIn(wire: string): string {
  let text = '';
  for (const [, data = ''] of wire.matchAll(/^data: ?(\{.*\})\n\n/gm)) {
    const frame = JSON.parse(data);
    text += frame.choices?.[0]?.delta?.content ?? frame.delta?.text ?? '';
  }
  return text;
}

const within = (actual: number, wanted: number, share: number): void => {
  expect(actual).toBeGreaterThanOrEqual(Math.floor(wanted * (1 - share)));
  expect(actual).toBeLessThanOrEqual(Math.ceil(wanted * (1 + share)));
};

/** Client dialect and vendor: two relays and two translations. */
const WAYS = [
  ['/llm/v1/chat/completions', 'openai/x'],
  ['/llm/v1/messages', 'anthropic/x'],
  ['/llm/v1/chat/completions', 'anthropic/x'],
  ['/llm/v1/messages', 'openai/x'],
] as const;

describe.each(WAYS)('%s with %s', (path, model) => {
  it('charges what was received until the provider broke off', async () => {
    for (const after of [20, 200]) {
      records = [];
      provider.reset();
      provider.reply({ text: TEXT, chunkSize: 12, fault: 'reset', after });
      const { received, record } = await ask(path, model);
      expect(received.length).toBeGreaterThan(100);
      expect(record).toMatchObject({ status: 200, usageSource: 'estimated_partial' });
      within(record.usage?.output ?? 0, estimateTokens(received), 0.05);
      // Anthropic says at the beginning what it has read.
      if (model.startsWith('anthropic')) expect(record.usage?.input).toBe(provider.bill.inputTokens);
      else within(record.usage?.input ?? 0, estimateTokens(QUESTION), 0.6);
      const { input = 0, output = 0 } = record.usage ?? {};
      expect(record.cost?.nanoUsd).toBe(input * 2000 + output * 8000);
    }
  });

  it('charges what was received until the client left', async () => {
    provider.reply({ text: TEXT, chunkSize: 24, pace: 2 });
    const { received, record } = await ask(path, model, { leaveAfter: 900 });
    expect(record).toMatchObject({ error: 'client_closed', usageSource: 'estimated_partial' });
    await provider.waitFor(({ bill }) => bill.openStreams === 0);
    // Some more may have reached us than reached the client.
    const { output = 0 } = record.usage ?? {};
    expect(output).toBeGreaterThanOrEqual(Math.floor(estimateTokens(received) * 0.95));
    expect(output).toBeLessThanOrEqual(estimateTokens(TEXT));
    // The bill counts four characters as a token, and the text that it sent.
    const sent = TEXT.slice(0, provider.bill.outputTokens * 4);
    expect(output).toBeLessThanOrEqual(Math.ceil(estimateTokens(sent) * 1.05));
  });

  it('charges what was received until the provider fell silent', async () => {
    provider.reply({ text: TEXT, chunkSize: 12, fault: 'stall', after: 50 });
    const { received, record } = await ask(path, model);
    expect(record).toMatchObject({ error: 'upstream_timeout', usageSource: 'estimated_partial' });
    within(record.usage?.output ?? 0, estimateTokens(received), 0.05);
  });

  it('estimates whole answers that do not say what they cost', async () => {
    for (const stream of [true, false]) {
      records = [];
      provider.reply({ text: TEXT, fault: 'usage-missing' });
      const { record } = await ask(path, model, { stream });
      expect(record).toMatchObject({ status: 200, error: undefined, usageSource: 'estimated' });
      within(record.usage?.output ?? 0, estimateTokens(TEXT), 0.05);
      within(record.usage?.input ?? 0, estimateTokens(QUESTION), 0.6);
    }
  });

  it('believes whole answers that do', async () => {
    for (const stream of [true, false]) {
      records = [];
      provider.reply({ text: 'Hi', usage: { input: 4321, output: 1234, cacheRead: 1000 } });
      const { record } = await ask(path, model, { stream });
      expect(record).toMatchObject({ usageSource: 'reported', usage: { input: 4321, output: 1234, cacheRead: 1000 } });
      // The price of what is cached is not given: it is the price of what is read.
      expect(record.cost?.nanoUsd).toBe(4321 * 2000 + 1234 * 8000);
    }
  });

  it('charges the question to a provider that does not answer in time', async () => {
    provider.reply({ fault: 'headers-then-hang' });
    const { record } = await ask(path, model);
    expect(record).toMatchObject({ status: 504, usageSource: 'estimated', usage: { output: 0 } });
    within(record.usage?.input ?? 0, estimateTokens(QUESTION), 0.6);
  });

  it.each([400, 401, 429, 500, 503])('charges nothing for a refusal with %i', async (status) => {
    for (const stream of [true, false]) {
      records = [];
      provider.reply({ error: { status, message: 'no' } });
      const { record } = await ask(path, model, { stream });
      expect(record).toMatchObject({ usageSource: 'none', usage: undefined, cost: undefined });
    }
  });

  it.each(['reset', 'close', 'error-first-event', 'html', 'empty'] as const)(
    'charges nothing for %s before there is an answer',
    async (fault) => {
      provider.reply({ text: TEXT, fault });
      const { record } = await ask(path, model);
      expect(record).toMatchObject({ usageSource: 'none', usage: undefined, cost: undefined });
    },
  );
});

it('leaves what has no price without a cost, and prices what the list has', async () => {
  const asked: [string, object][] = [
    ['openai/no-such-model', {}],
    ['openai/gpt-4o', { source: 'shipped', row: 'gpt-4o', nanoUsd: 10 * 2500 + 5 * 10_000 }],
    ['openai/gpt-4o-mini', { source: 'shipped', row: 'gpt-4o-mini', nanoUsd: 10 * 150 + 5 * 600 }],
  ];
  for (const [model, cost] of asked) {
    records = [];
    provider.reply({ text: 'Hi', usage: { input: 10, output: 5 } });
    const { record } = await ask('/llm/v1/chat/completions', model, { stream: false });
    expect(record.usageSource).toBe('reported');
    if (model === 'openai/no-such-model') expect(record.cost).toBeUndefined();
    else expect(record.cost).toMatchObject(cost);
  }
});
