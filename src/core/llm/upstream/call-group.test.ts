import { describe, expect, it } from 'vitest';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Reply } from '../../exchange/reply.ts';
import type { Call } from './call.ts';
import { runTogether } from './call-group.ts';

/** A call whose end the test decides. */
class OpenCall {
  cancelled = false;
  succeed: () => void = () => {};
  fail: (error: unknown) => void = () => {};

  run(): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.succeed = () => resolve({ status: 200, headers: [], body: null });
      this.fail = reject;
    });
  }

  cancel(): void {
    this.cancelled = true;
    this.fail(new NexusError('client_closed', 'cancelled'));
  }
}

function start(count: number) {
  const calls: OpenCall[] = [];
  const order: number[] = [];
  const whenDone = runTogether(count, (index) => {
    const call = new OpenCall();
    calls.push(call);
    order.push(index);
    return call as unknown as Call;
  });
  return { calls, order, whenDone };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('calls that make one answer', () => {
  it('begin in order, eight at a time', async () => {
    const { calls, order, whenDone } = start(10);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    calls[5]?.succeed();
    await settled();
    expect(order.at(-1)).toBe(8);
    expect(order).toHaveLength(9);
    for (const call of calls) call.succeed();
    await settled();
    expect(order).toHaveLength(10);
    calls[9]?.succeed();
    await whenDone;
  });

  it('may be fewer than eight', async () => {
    const { calls, order, whenDone } = start(2);
    expect(order).toEqual([0, 1]);
    for (const call of calls) call.succeed();
    await whenDone;
  });

  it('end together when one fails, and no more begin', async () => {
    const { calls, order, whenDone } = start(20);
    const error = new NexusError('upstream_rate_limited', 'not today');
    calls[3]?.fail(error);
    await expect(whenDone).rejects.toBe(error);
    await settled();
    expect(order).toHaveLength(8);
    expect(calls.every((call, index) => call.cancelled || index === 3)).toBe(true);
  });

  it('fail when one cannot be begun', async () => {
    const error = new NexusError('internal', 'no');
    let begun = 0;
    const first = new OpenCall();
    const open = () => {
      if (begun++ > 0) throw error;
      return first as unknown as Call;
    };
    await expect(runTogether(3, open)).rejects.toBe(error);
    expect(first.cancelled).toBe(true);
  });
});
