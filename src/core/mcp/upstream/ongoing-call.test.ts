import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CallContext } from '../caller.ts';
import type { JsonObject } from '../wire/json-rpc.ts';
import { OngoingCall } from './ongoing-call.ts';

const caller = { principal: undefined, scope: 's', capabilities: {} };

function context(more: Partial<CallContext> = {}): CallContext {
  return { caller, signal: new AbortController().signal, meta: {}, relayInputRequired: false, ...more };
}

describe('OngoingCall', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('ends after its time with -32001', () => {
    const call = new OngoingCall(context(), 1000);
    vi.advanceTimersByTime(999);
    expect(call.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(call.signal.reason).toMatchObject({ code: -32001 });
  });

  it('stands still while the client is asked, also twice at a time', async () => {
    const answers: ((answer: JsonObject) => void)[] = [];
    const ask = () => new Promise<JsonObject>((resolve) => answers.push(resolve));
    const call = new OngoingCall(context({ ask }), 1000);
    vi.advanceTimersByTime(600);
    const { signal } = new AbortController();
    const first = call.ask('elicitation/create', {}, signal);
    const second = call.ask('elicitation/create', {}, signal);
    vi.advanceTimersByTime(60_000);
    answers[0]?.({ a: 1 });
    expect(await first).toEqual({ a: 1 });
    vi.advanceTimersByTime(60_000);
    answers[1]?.({});
    await second;
    vi.advanceTimersByTime(399);
    expect(call.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(call.signal.aborted).toBe(true);
  });

  it('ends with its client, before it begins or later', () => {
    const gone = AbortSignal.abort();
    expect(new OngoingCall(context({ signal: gone }), 1000).signal.aborted).toBe(true);
    const leaving = new AbortController();
    const call = new OngoingCall(context({ signal: leaving.signal }), 1000);
    leaving.abort();
    expect(call.signal.reason).toMatchObject({ code: -32603 });
  });

  it('withdraws a question when the call is over', async () => {
    const leaving = new AbortController();
    let seen: AbortSignal | undefined;
    const ask = (_: string, __: JsonObject, signal: AbortSignal) => {
      seen = signal;
      return new Promise<JsonObject>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    };
    const call = new OngoingCall(context({ ask, signal: leaving.signal }), 1000);
    const asked = call.ask('roots/list', {}, new AbortController().signal);
    leaving.abort();
    await expect(asked).rejects.toMatchObject({ code: -32603 });
    expect(seen?.aborted).toBe(true);
  });

  it('refuses to ask a client that cannot be asked', async () => {
    const call = new OngoingCall(context(), 1000);
    await expect(call.ask('roots/list', {}, new AbortController().signal)).rejects.toMatchObject({ code: -32601 });
    call.end();
  });

  it('leaves no timer and no listener behind', () => {
    const call = new OngoingCall(context(), 1000);
    call.end();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(5000);
    expect(call.signal.aborted).toBe(false);
  });
});
