import { createNexus } from 'nexus-ai';
import { type ListeningServer, listen } from 'nexus-ai/node';
import { createFakeProvider, type FakeFault, type FakeProvider, type FakeReply } from 'nexus-ai/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DIALECTS, type DialectName, readAnswer, readStream } from '../support/dialects.ts';

/*
 * Everything that can go wrong with an answer, in every dialect a client speaks, from every vendor, whole and streamed.
 * What must come of it is one table; what must never come of it (a 500, a hang, half an answer that looks whole, a
 * connection that is forgotten) is asserted for all.
 */

const TEXT = 'Grüße: one two three four five six seven 八九十';

const VENDORS = ['openai', 'anthropic', 'google'] as const;
type Vendor = (typeof VENDORS)[number];

/** The whole text; an error status; or, of a stream, some text and then the dialect's error. */
type Outcome = 'whole' | 'cut' | 429 | 502 | 504;

interface Row {
  readonly fault: FakeFault;
  readonly plain: Outcome;
  readonly stream: Outcome | ((vendor: Vendor, dialect: DialectName) => Outcome);
  readonly reply?: FakeReply;
  /** What the fault is about is waiting: asked of a server that does not wait long. */
  readonly hasty?: boolean;
}

const whole = (fault: FakeFault): Row => ({ fault, plain: 'whole', stream: 'whole' });
const refused = (fault: FakeFault): Row => ({ fault, plain: 502, stream: 502 });

const ROWS: readonly Row[] = [
  refused('reset'),
  refused('close'),
  refused('bad-status-line'),
  refused('header-flood'),
  refused('dup-length'),
  // The chunk before the broken one is Google's first with text; the others open with a head.
  { fault: 'bad-chunk', plain: 502, stream: (vendor) => (vendor === 'google' ? 'cut' : 502) },
  refused('not-json'),
  refused('truncated-json'),
  refused('json-null'),
  refused('wrong-shape'),
  refused('empty'),
  refused('html'),
  refused('deep-json'),
  refused('gzip-lie'),
  { fault: 'hang', plain: 504, stream: 504, hasty: true },
  { fault: 'headers-then-hang', plain: 504, stream: 504, hasty: true },
  { fault: 'stall', plain: 504, stream: 'cut', hasty: true, reply: { after: 3, chunkSize: 4 } },
  { fault: 'reset', plain: 502, stream: 'cut', reply: { after: 3, chunkSize: 4 } },
  { fault: 'close', plain: 502, stream: 'cut', reply: { after: 3, chunkSize: 4 } },
  // What was promised is not there, but the stream itself has come to its end.
  { fault: 'wrong-length', plain: 502, stream: 'whole' },
  whole('wrong-content-type'),
  whole('proto-in-answer'),
  whole('bom'),
  whole('gzip'),
  whole('deflate'),
  whole('br'),
  whole('sse-for-json'),
  whole('json-for-sse'),
  whole('one-packet'),
  whole('slow-drip'),
  whole('split-events'),
  whole('crlf-sse'),
  whole('cr-sse'),
  whole('sse-quirks'),
  whole('multi-data-lines'),
  whole('newline-flood'),
  whole('no-final-newline'),
  whole('bad-sse'),
  whole('after-done'),
  whole('usage-missing'),
  whole('usage-absurd'),
  {
    fault: 'no-done',
    plain: 'whole',
    // The last event of these two is the one that says why the model stopped: without it the answer is half.
    stream: (vendor, dialect) =>
      vendor === 'google' || (vendor === 'openai' && dialect === 'responses') ? 'cut' : 'whole',
  },
  { fault: 'error-first-event', plain: 429, stream: 429, reply: { error: { status: 429, message: 'busy now' } } },
  { fault: 'error-in-stream', plain: 'whole', stream: 'cut', reply: { after: 3, chunkSize: 4 } },
];

const CASES = Object.keys(DIALECTS).flatMap((dialect) =>
  VENDORS.flatMap((vendor) => [false, true].map((stream) => ({ dialect: dialect as DialectName, vendor, stream }))),
);

let provider: FakeProvider;
let patient: ListeningServer;
let hasty: ListeningServer;

const config = (upstream: string, total: string, wait: string) => ({
  llm: {
    timeout: total,
    firstByteTimeout: wait,
    idleTimeout: wait,
    discovery: { enabled: false },
    retry: { attempts: 1 },
    providers: {
      openai: { type: 'openai' as const, apiKey: 'sk-upstream', baseUrl: `${upstream}/v1` },
      anthropic: { type: 'anthropic' as const, apiKey: 'sk-upstream', baseUrl: `${upstream}/v1` },
      google: { type: 'google' as const, apiKey: 'sk-upstream', baseUrl: `${upstream}/v1beta` },
    },
  },
});

beforeAll(async () => {
  provider = await createFakeProvider();
  patient = await listen(createNexus(config(provider.url, '30s', '20s')), { port: 0 });
  hasty = await listen(createNexus(config(provider.url, '1s', '300ms')), { port: 0 });
});
afterEach(() => provider.reset());
afterAll(async () => {
  await Promise.all([patient.close({ drain: 0 }), hasty.close({ drain: 0 })]);
  await provider.waitFor(({ bill }) => bill.openConnections === 0);
  await provider.close();
});

async function ask(server: ListeningServer, dialect: DialectName, vendor: Vendor, stream: boolean) {
  const { path, body } = DIALECTS[dialect].ask(`${vendor}/x`, stream);
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, code: response.headers.get('x-nexus-error'), text: await response.text() };
}

function outcomeOf({ stream, plain }: Row, asked: (typeof CASES)[number]): Outcome {
  if (!asked.stream) return plain;
  return typeof stream === 'function' ? stream(asked.vendor, asked.dialect) : stream;
}

describe.each(ROWS)('$fault, $plain whole', (row) => {
  it('becomes what it must, in every dialect, from every vendor', async () => {
    const { fault, reply = {} } = row;
    provider.script([{ reply: { text: TEXT, fault, ...reply } }]);
    const server = row.hasty === true ? hasty : patient;
    await Promise.all(
      CASES.map(async (asked) => {
        const { dialect, vendor, stream } = asked;
        const { status, code, text } = await ask(server, dialect, vendor, stream);
        const expected = outcomeOf(row, asked);
        const where = `${dialect} from ${vendor}, ${stream ? 'streamed' : 'whole'}: ${text.slice(0, 500)}`;
        if (typeof expected === 'number') {
          expect({ status, told: code !== null }, where).toEqual({ status: expected, told: true });
          expect(DIALECTS[dialect].failure(JSON.parse(text)), where).toBeTruthy();
          return;
        }
        expect({ status, code }, where).toEqual({ status: 200, code: null });
        if (!stream) {
          expect(readAnswer(dialect, JSON.parse(text)), where).toBe(TEXT);
          return;
        }
        const { said, ended, failures, failedLast } = readStream(dialect, text);
        if (expected === 'whole')
          expect({ said, ended, failures }, where).toEqual({ said: TEXT, ended: true, failures: 0 });
        else {
          expect(said !== '' && TEXT.startsWith(said), where).toBe(true);
          expect({ ended, failedLast, failures: failures > 0 }, where).toEqual({
            ended: false,
            failedLast: true,
            failures: true,
          });
        }
      }),
    );
    await provider.waitFor(({ requests }) => requests.every(({ ended }) => ended !== undefined));
    expect(provider.requests).toHaveLength(CASES.length);
  });
});
