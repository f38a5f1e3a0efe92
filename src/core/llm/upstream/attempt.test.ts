import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../config/parse.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import { openRecord } from '../../exchange/record.ts';
import type { ByteSink } from '../../exchange/reply.ts';
import { isByteStream } from '../../exchange/reply.ts';
import type { Transport, UpstreamReceiver, UpstreamRequest } from '../../http/transport.ts';
import { Provider } from '../providers/provider.ts';
import { PROVIDERS } from '../providers/registry.ts';
import { Attempts } from './attempt.ts';
import type { Plan } from './attempt-plan.ts';
import type { Delivery } from './delivery.ts';
import { InFlight, type Running } from './in-flight.ts';
import { RetryBudgets } from './retry-budget.ts';
import { TargetHealth } from './target-health.ts';
import { Transports } from './transports.ts';

/** What the provider does with a request. */
type Answer = (receiver: UpstreamReceiver, request: UpstreamRequest) => void;

const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (receiver) => {
    receiver.onHead(code, headers);
    receiver.onEnd();
  };
const good: Answer = (receiver) => {
  receiver.onHead(200, {});
  receiver.onData(Buffer.from('{}'));
  receiver.onEnd();
};
const silent: Answer = () => undefined;

const delivery: Delivery = {
  sameDialect: true,
  decodeError: () => undefined,
  encodeErrorEvent: ({ code }) => `event: ${code}\n\n`,
  whole: (bytes) => ({ body: bytes, usage: undefined }),
  openStream: () => {
    throw new Error('no answer of these tests is a stream');
  },
};

const { config } = parseConfig({
  llm: {
    retry: {
      attempts: 3,
      on: ['network', 'timeout', 'rate_limit', 'server'],
      backoffInitial: '100ms',
      backoffMax: '150ms',
      jitter: 0.5,
    },
    timeout: '10s',
    firstByteTimeout: '2s',
    providers: { p: { type: 'openai', apiKey: 'k', baseUrl: 'http://p/v1' } },
  },
});

function open(answers: Answer[], { stream = false, random = 0.5, targets = 1 } = {}) {
  let now = 0;
  const definition = PROVIDERS.get('openai');
  const [settings] = Object.values(config.llm.providers);
  if (definition === undefined || settings === undefined) throw new Error('openai is built in');
  const provider = new Provider(definition, settings);
  const sent: UpstreamRequest[] = [];
  let aborted = 0;
  const transport: Transport = {
    send(request, receiver) {
      sent.push(request);
      answers[Math.min(sent.length, answers.length) - 1]?.(receiver, request);
      return { pause: () => undefined, resume: () => undefined, abort: () => aborted++ };
    },
    close: async () => undefined,
  };
  const transports = new Transports(async () => transport);
  const inFlight = new InFlight<Running>(() => now);
  const record = openRecord('id', 0, 'test', undefined);
  let sealed = 0;
  const leavers: (() => void)[] = [];
  const exchange = {
    closed: false,
    onClose: (listener: () => void) => {
      leavers.push(listener);
      return () => leavers.splice(leavers.indexOf(listener), 1);
    },
    header: () => undefined,
  } as unknown as Exchange;
  const context = { record, principal: undefined, evidence: undefined, booking: undefined, seal: () => sealed++ };
  const health = new TargetHealth();
  const plan: Plan = {
    candidates: Array.from({ length: targets }, (_, at) => ({
      target: { provider, alias: `m${at}`, model: `m${at}`, renamed: false },
      health,
      deadlines: provider.deadlines,
    })),
    policy: {
      retry: config.llm.retry,
      maxAttempts: 6,
      timeout: undefined,
      fallbackOn: new Set(['network', 'server', 'timeout', 'rate_limit']),
      decay: 30_000,
    },
    route: targets > 1 ? 'r' : undefined,
  };
  const runtime = { now: () => 0, elapsed: () => now, random: () => random, id: () => 'id' };
  const attempts = new Attempts(
    { runtime, transports, inFlight, budgets: new RetryBudgets(), keepaliveAfter: 1000 },
    {
      exchange,
      context,
      plan,
      prepare: ({ model }) => ({ path: `/${model}`, body: model, stream, delivery }),
      keepalive: ': there\n\n',
    },
  );
  return {
    health,
    inFlight,
    record,
    sent,
    run: async () => {
      await transports.of(provider);
      return attempts.run();
    },
    /** Lets the clock go on, and looks at all deadlines. */
    pass(milliseconds: number): void {
      now += milliseconds;
      for (const item of inFlight.all()) item.checkDeadlines(now);
    },
    leave: () => [...leavers].map((leaver) => leaver()),
    counts: () => ({ aborted, sealed, sent: sent.length, inFlight: inFlight.size, busy: health.inFlight }),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('waits between two calls', () => {
  it.each([
    [0, 50, 75],
    [0.5, 100, 150],
    [0.999_999, 150, 225],
  ])('double, are bounded and jittered: %d', async (random, first, second) => {
    const one = open([status(500), status(500), good], { random });
    const running = one.run();
    await settled();
    one.pass(first - 1);
    expect(one.sent).toHaveLength(1);
    one.pass(1);
    expect(one.sent).toHaveLength(2);
    one.pass(second - 1);
    expect(one.sent).toHaveLength(2);
    one.pass(1);
    expect((await running).status).toBe(200);
    expect(one.counts()).toMatchObject({ sent: 3, inFlight: 0, busy: 0 });
  });

  it('last exactly as long as the provider asks, and are not begun when that is too long', async () => {
    const patient = open([status(429, { 'retry-after': '3' }), good]);
    const running = patient.run();
    await settled();
    patient.pass(2999);
    expect(patient.sent).toHaveLength(1);
    patient.pass(1);
    expect((await running).status).toBe(200);
    const refused = open([status(429, { 'retry-after': '11' })]).run();
    await expect(refused).rejects.toMatchObject({ status: 429, headers: ['retry-after', '11'] });
  });

  it('are not begun where they would outlast the deadline of the whole', async () => {
    const late = open([silent, status(429, { 'retry-after': '9' })]);
    const running = late.run();
    running.catch(() => undefined);
    await settled();
    late.pass(10_000);
    await expect(running).rejects.toMatchObject({ code: 'upstream_timeout' });
    expect(late.counts()).toMatchObject({ sent: 1, aborted: 1, inFlight: 0, busy: 0 });
  });

  it('end at once when the client leaves, or the house is closed', async () => {
    const left = open([status(500), good]);
    const leaving = left.run();
    leaving.catch(() => undefined);
    await settled();
    left.leave();
    await expect(leaving).rejects.toMatchObject({ code: 'client_closed' });
    left.pass(1000);
    expect(left.counts()).toMatchObject({ sent: 1, inFlight: 0, busy: 0 });

    const closed = open([status(500), good]);
    const closing = closed.run();
    closing.catch(() => undefined);
    await settled();
    for (const item of closed.inFlight.all()) item.fail(new NexusError('shutting_down', 'closing'));
    await expect(closing).rejects.toMatchObject({ code: 'shutting_down' });
    expect(closed.counts()).toMatchObject({ sent: 1, inFlight: 0 });
  });
});

describe('targets', () => {
  it('are each sent what was prepared for them, without a wait, and written down', async () => {
    const one = open([status(503), status(503), status(400)], { targets: 3, random: 0.5 });
    const running = one.run();
    running.catch(() => undefined);
    await settled();
    one.pass(100);
    one.pass(150);
    await expect(running).rejects.toMatchObject({ status: 400 });
    expect(one.sent.map(({ path, body }) => [path, body])).toEqual(Array.from({ length: 3 }, () => ['/m0', 'm0']));
    expect(one.record.attempts.map(({ failure }) => failure)).toEqual(['server', 'server', 'invalid']);
  });

  it('never share what an earlier one reported', async () => {
    const one = open([status(429), good], { targets: 2 });
    one.record.usage = { input: 9, output: 9, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
    const reply = await one.run();
    expect(one.record.usage).toBeUndefined();
    expect(reply.headers).toEqual(expect.arrayContaining(['x-nexus-routed-model', 'm1', 'x-nexus-attempts', '2']));
  });
});

describe('a stream that is waited for', () => {
  it('is kept alive again and again, and ends with the dialect’s error', async () => {
    const one = open([silent], { stream: true });
    const running = one.run();
    await settled();
    one.pass(1000);
    const { status: code, body } = await running;
    expect(code).toBe(200);
    let text = '';
    const write = (chunk: Uint8Array | string): boolean => {
      text += chunk;
      return true;
    };
    const sink: ByteSink = { write, end: () => void write('<end>') };
    if (!isByteStream(body)) throw new Error('a stream was asked for');
    body.start(sink);
    one.pass(900);
    expect(text).toBe(': there\n\n');
    // The first attempt is too slow, and so is the second: a timeout is tried again once.
    for (let i = 0; i < 40 && !text.endsWith('<end>'); i++) one.pass(200);
    expect(text).toMatch(/^(: there\n\n){2,}event: upstream_timeout\n\n<end>$/);
    expect(one.counts()).toMatchObject({ sent: 2, sealed: 1, inFlight: 0, busy: 0 });
    expect(one.record).toMatchObject({ status: 200, error: 'upstream_timeout' });
  });
});
