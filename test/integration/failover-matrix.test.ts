import { readFile, writeFile } from 'node:fs/promises';
import { createNexus, type RequestRecord } from 'nexus-ai';
import { listen } from 'nexus-ai/node';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DIALECTS, readAnswer, readStream } from '../support/dialects.ts';
import { FAULT_ROWS, faultsPage, outcomeOf, ROUTED_DIALECTS } from '../support/fault-table.ts';

/*
 * Every fault of a provider, in three dialects, whole and streamed, with and without a healthy second target. Besides the
 * outcome: never two texts in one answer, and as many attempts in the records as the providers were called.
 */

const FIRST = 'Grüße: one two three four five six seven 八九十';
const SECOND = 'The second target speaks, and nobody else.';
const PAGE = new URL('../../docs/faults.md', import.meta.url);

const CASES = ROUTED_DIALECTS.flatMap((dialect) =>
  [false, true].flatMap((stream) => [true, false].map((isAlone) => ({ dialect, stream, isAlone }))),
);

let first: FakeProvider;
let second: FakeProvider;

beforeAll(async () => {
  first = await createFakeProvider();
  second = await createFakeProvider({ rules: [{ reply: { text: SECOND } }] });
});
afterEach(() => {
  first.reset();
  second.reset();
});
afterAll(() => Promise.all([first.close(), second.close()]));

async function open(hasty: boolean, records: RequestRecord[]) {
  const deadlines = hasty
    ? { firstByteTimeout: '400ms', idleTimeout: '400ms', timeout: '10s' }
    : { firstByteTimeout: '20s', idleTimeout: '20s', timeout: '30s' };
  const breaker = { failures: 1000, minRequests: 100_000 };
  const nexus = createNexus(
    {
      llm: {
        discovery: { enabled: false },
        retry: { attempts: 1 },
        providers: {
          first: { type: 'openai', apiKey: 'sk-first', baseUrl: `${first.url}/v1` },
          second: { type: 'openai', apiKey: 'sk-second', baseUrl: `${second.url}/v1` },
        },
        routes: {
          alone: { targets: ['first/x'], breaker, ...deadlines },
          pair: { targets: ['first/x', 'second/x'], breaker, ...deadlines },
        },
      },
    },
    { sinks: [(record) => records.push(record)] },
  );
  return listen(nexus, { port: 0 });
}

describe.each(FAULT_ROWS)('$fault $note', (row) => {
  it('becomes what it must', async () => {
    const { fault, reply = {}, hasty = false } = row;
    first.script([{ reply: { text: FIRST, fault, ...reply } }]);
    const records: RequestRecord[] = [];
    const server = await open(hasty, records);
    await Promise.all(
      CASES.map(async ({ dialect, stream, isAlone }) => {
        const { path, body } = DIALECTS[dialect].ask(isAlone ? 'alone' : 'pair', stream);
        const response = await fetch(server.url + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        const text = await response.text();
        const expected = outcomeOf(row, dialect, stream, isAlone);
        const where = `${dialect}, ${stream ? 'streamed' : 'whole'}, ${isAlone ? 'alone' : 'pair'}: ${text.slice(0, 400)}`;
        expect(response.headers.get('x-nexus-route'), where).toBe(isAlone ? 'alone' : 'pair');
        if (typeof expected === 'number') {
          const told = response.headers.get('x-nexus-error') !== null;
          expect({ status: response.status, told }, where).toEqual({ status: expected, told: true });
          expect(DIALECTS[dialect].failure(JSON.parse(text)), where).toBeTruthy();
          return;
        }
        expect(response.status, where).toBe(200);
        const provider = response.headers.get('x-nexus-routed-provider');
        const own = provider === 'second' ? SECOND : FIRST;
        if (!stream) {
          expect(readAnswer(dialect, JSON.parse(text)), where).toBe(own);
          return;
        }
        const { said, ended, failures, failedLast } = readStream(dialect, text);
        if (expected === 'whole') {
          expect({ said, ended, failures }, where).toEqual({ said: own, ended: true, failures: 0 });
        } else {
          expect(said !== '' && FIRST.startsWith(said), where).toBe(true);
          expect({ ended, failedLast }, where).toEqual({ ended: false, failedLast: true });
        }
      }),
    );
    await server.close({ drain: 0 });
    const sent = records.flatMap(({ attempts }) => attempts).filter((attempt) => attempt.sent);
    expect(records).toHaveLength(CASES.length);
    expect(sent).toHaveLength(first.bill.requests + second.bill.requests);
  });
});

it('is told in docs/faults.md', async () => {
  const page = faultsPage();
  // `NEXUS_WRITE_DOCS=1 npx vitest run test/integration/failover-matrix.test.ts` writes the page.
  if (process.env['NEXUS_WRITE_DOCS'] === '1') await writeFile(PAGE, page);
  expect(await readFile(PAGE, 'utf8')).toBe(page);
});
