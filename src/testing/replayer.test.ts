import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NexusError } from '../core/index.ts';
import { refuseAnthropic } from './anthropic-refusals.ts';
import { type Cut, cutBytes } from './cuts.ts';
import { createReplayer, type RecordedExchange, type Replayer, readRecordings, responseBytes } from './index.ts';
import { refuseOpenAI } from './openai-refusals.ts';

const directory = fileURLToPath(new URL('../../test/fixtures/wire', import.meta.url));
const recordings = await readRecordings(directory);
let replayer: Replayer;
beforeAll(async () => {
  replayer = await createReplayer();
});
afterAll(() => replayer.close());

async function send({ request }: RecordedExchange) {
  if (request === null) throw new Error('nothing to send');
  const response = await fetch(replayer.url + request.path, {
    method: request.method,
    headers: request.headers,
    body: JSON.stringify(request.body),
  });
  return { response, bytes: Buffer.from(await response.arrayBuffer()) };
}

function recording(predicate: (exchange: RecordedExchange) => boolean): RecordedExchange {
  const found = recordings.find(predicate);
  if (found === undefined) throw new Error('no such recording');
  return found;
}

const REFUSALS: Record<string, (body: unknown) => unknown> = {
  'openai chat.completions': refuseOpenAI,
  'anthropic messages': refuseAnthropic,
};

describe('replay', () => {
  it.each(recordings.map((exchange) => [exchange.id, exchange] as const))('%s', async (_, exchange) => {
    const playback = replayer.play(exchange);
    const { response, bytes } = await send(exchange);
    expect(response.status).toBe(exchange.response.status);
    for (const [name, value] of Object.entries(exchange.response.headers)) {
      expect(response.headers.get(name)).toBe(value);
    }
    expect(bytes.equals(playback.bytes)).toBe(true);
    const { text, base64 } = exchange.response;
    if (text !== undefined) expect(bytes.toString()).toBe(text);
    else if (base64 !== undefined) expect(bytes.toString('base64')).toBe(base64);
    else expect(JSON.parse(bytes.toString())).toEqual(exchange.response.body);
    expect((await playback.request).body).toEqual(exchange.request?.body);
  });

  const stream = recording(({ stream, response }) => stream && response.text !== undefined);

  it.each(['whole', 'event', 'byte', { seed: 7 }] satisfies Cut[])('cut %j sends the same bytes', async (cut) => {
    replayer.play(stream, { cut });
    expect((await send(stream)).bytes.toString()).toBe(stream.response.text);
  });

  it('sends each piece by itself', async () => {
    replayer.play(stream, { cut: 'event' });
    const expected = stream.response.text?.split('\n\n').length ?? 0;
    const reads = await new Promise<number>((resolve, reject) => {
      let count = 0;
      const socket = connect(Number(new URL(replayer.url).port), '127.0.0.1', () => {
        socket.write('POST /v1/x HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      });
      socket.on('data', () => {
        count += 1;
      });
      socket.on('end', () => resolve(count));
      socket.on('error', reject);
    });
    expect(reads).toBeGreaterThan(expected / 2);
  });

  it('answers in the order of the queue, to whom it may', async () => {
    const [first, second] = recordings;
    if (first === undefined || second === undefined) throw new Error('too few recordings');
    replayer.play(first, { match: ({ path }) => path === '/never' });
    replayer.play(second);
    replayer.play(first);
    expect((await send(first)).bytes.equals(responseBytes(second))).toBe(true);
    expect((await send(first)).bytes.equals(responseBytes(first))).toBe(true);
    const { response, bytes } = await send(first);
    expect(response.status).toBe(500);
    expect(bytes.toString()).toContain('no answer queued for POST /v1/');
  });
});

describe('recordings', () => {
  it('are sorted and filtered', async () => {
    const ids = recordings.map(({ provider, id }) => `${provider}/${id}`);
    expect(ids.length).toBeGreaterThan(20);
    expect(ids).toEqual([...ids].sort());
    const errors = await readRecordings(directory, ({ features }) => features.includes('error'));
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.every(({ response }) => response.status >= 400)).toBe(true);
  });

  it('are refused when they are none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nexus-recordings-'));
    try {
      await writeFile(join(folder, 'a.json'), '{"id":"x"}');
      const failure = await readRecordings(folder).catch((thrown: unknown) => thrown);
      expect(NexusError.is(failure)).toBe(true);
      expect(String(failure)).toContain('a.json');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('hold requests the fake provider would accept', () => {
    const spoken = recordings.filter(
      // Not of beta requests: the header that marks them was not recorded.
      ({ provider, api, id }) => `${provider} ${api}` in REFUSALS && !id.includes('mid-conversation-system'),
    );
    expect(spoken.length).toBeGreaterThan(20);
    for (const { provider, api, request, response, id } of spoken) {
      if (request === null || response.status >= 400) continue;
      expect([id, REFUSALS[`${provider} ${api}`]?.(request.body)]).toEqual([id, undefined]);
    }
  });
});

describe('cuts', () => {
  const bytes = Buffer.from('data: é\n\ndata: b\r\n\r\ndata: c');

  it.each(['whole', 'event', 'byte', { seed: 0 }, { seed: 1 }] satisfies Cut[])('%j loses nothing', (cut) => {
    expect(Buffer.concat(cutBytes(bytes, cut)).equals(bytes)).toBe(true);
    expect(cutBytes(new Uint8Array(0), cut)).toEqual([]);
  });

  it('cuts where it says', () => {
    expect(cutBytes(bytes, 'event').map((piece) => Buffer.from(piece).toString())).toEqual([
      'data: é\n\n',
      'data: b\r\n\r\n',
      'data: c',
    ]);
    expect(cutBytes(bytes, 'byte')).toHaveLength(bytes.length);
    const long = Buffer.alloc(1000);
    expect(cutBytes(long, { seed: 3 })).toEqual(cutBytes(long, { seed: 3 }));
    const lengths = (seed: number) => cutBytes(long, { seed }).map(({ length }) => length);
    expect(lengths(3)).not.toEqual(lengths(4));
    expect(Math.max(...lengths(3))).toBeLessThanOrEqual(32);
  });
});
