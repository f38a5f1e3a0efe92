import { type Cut, createReplayer, type RecordedExchange, type Replayer } from 'nexus-ai/testing';
import OpenAI from 'openai';
import { Stream } from 'openai/streaming';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bothVendors, clientFor, type Door, openDoor } from '../support/doors.ts';
import { recordings } from '../wire/corpus.ts';
import { type Loose, recordedAnswer, recordedStream, shownAnswer, shownStream, streamText } from '../wire/meaning.ts';

/*
 * Recorded answers of both vendors, sent once more by an upstream and read by the stock client behind Nexus. OpenAI's
 * requests go out as they were recorded; Anthropic's are asked anew, since clients of this release do not speak it.
 * Where a checkout has the whole development corpus beside it, all of it is replayed; else the committed selection.
 */

const named = (folder: string, api: string) =>
  (recordings(folder) as RecordedExchange[])
    .filter((exchange) => exchange.api === api)
    .map((exchange) => [exchange.id, exchange] as const);

const openai = named('openai', 'chat.completions');
const anthropic = named('anthropic', 'messages');
const streams = [...openai, ...anthropic].filter(([, { stream }]) => stream);

let replayer: Replayer;
let door: Door;
let client: OpenAI;

beforeAll(async () => {
  replayer = await createReplayer();
  door = await openDoor('node:http', bothVendors(replayer.url));
  client = clientFor(door);
});
afterAll(async () => {
  await door.close();
  await replayer.close();
  const errors = [...openai, ...anthropic].filter(([, { response }]) => response.status >= 400).length;
  console.log(
    `replayed through the stock client: openai ${openai.length}, anthropic ${anthropic.length}; of these ${streams.length} streams, ${errors} errors`,
  );
});

type Body = OpenAI.ChatCompletionCreateParams;

interface Answer {
  /** What the caller sees; 200 for success. */
  readonly status: number;
  readonly bytes: Buffer;
  /** As the stock client reads it: one answer, or the chunks of a stream. */
  readonly read: Loose[];
}

async function ask(body: Body): Promise<Answer> {
  try {
    const response = await client.chat.completions.create(body).asResponse();
    const bytes = Buffer.from(await response.clone().arrayBuffer());
    const read: Loose[] = [];
    if (body.stream !== true) read.push((await response.json()) as Loose);
    else for await (const chunk of Stream.fromSSEResponse<Loose>(response, new AbortController())) read.push(chunk);
    return { status: 200, bytes, read };
  } catch (error) {
    if (!(error instanceof OpenAI.APIError) || error.status === undefined) throw error;
    return { status: error.status, bytes: Buffer.alloc(0), read: [] };
  }
}

/** The status a caller sees: a key of ours that the vendor refuses is our failure, not the caller's. */
const callerStatus = (status: number): number => (status === 401 || status === 403 ? 502 : status);

/** Translated answers are alike but for the second they were made in. */
const timeless = (bytes: Buffer): string => bytes.toString().replaceAll(/"created":\d+/g, '');

const cutsFor = (stream: boolean): Cut[] => (stream ? ['whole', 'event', { seed: 7 }] : ['whole']);

describe('OpenAI, byte for byte', () => {
  it.each(openai)('%s', async (_, exchange) => {
    const recorded = exchange.request?.body as Body;
    const streamed = recorded.stream === true;
    for (const cut of cutsFor(streamed)) {
      const playback = replayer.play(exchange, { cut });
      const { status, bytes, read } = await ask({ ...recorded, model: `openai/${recorded.model}` });
      expect(status).toBe(callerStatus(exchange.response.status));
      if (status === 200) {
        expect(bytes.equals(playback.bytes)).toBe(true);
        expect(read.length).toBeGreaterThan(0);
        if (!streamed) expect(read).toEqual([exchange.response.body]);
      }
      const asked = streamed ? { stream_options: { ...recorded.stream_options, include_usage: true } } : {};
      expect((await playback.request).body).toEqual({ ...recorded, ...asked });
    }
  });
});

describe('Anthropic, translated', () => {
  it.each(anthropic)('%s', async (_, exchange) => {
    const { response, stream } = exchange;
    const body: Body = {
      model: `anthropic/${exchange.model}`,
      messages: [{ role: 'user', content: 'As recorded.' }],
      stream,
      ...(stream ? { stream_options: { include_usage: true } } : {}),
    };
    const answers: string[] = [];
    for (const cut of cutsFor(stream)) {
      replayer.play(exchange, { cut });
      const { status, bytes, read } = await ask(body);
      expect(status).toBe(callerStatus(response.status));
      if (status !== 200) return;
      if (stream) expect(shownStream(read)).toEqual(recordedStream(streamText(exchange as never)));
      else expect(shownAnswer(read[0] as Loose)).toEqual(recordedAnswer(exchange as never));
      answers.push(timeless(bytes));
    }
    // However the upstream's bytes are cut, the client gets the same ones.
    expect(new Set(answers).size).toBe(1);
  });
});

// The longest recorded stream is a quarter of a megabyte, and each of its bytes is a write of its own.
describe('streams cut at every byte', { timeout: 120_000 }, () => {
  it.each(streams)('%s', async (_, exchange) => {
    const body: Body = {
      model: `${exchange.provider}/x`,
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
    };
    const answers: string[] = [];
    for (const cut of ['whole', 'byte'] as const) {
      replayer.play(exchange, { cut });
      answers.push(timeless((await ask(body)).bytes));
    }
    expect(answers[1]).toBe(answers[0]);
    expect(answers[0]).toContain('data: [DONE]');
  });
});
