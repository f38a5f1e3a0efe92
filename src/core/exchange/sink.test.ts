import { describe, expect, it, vi } from 'vitest';
import { openRecord, type RequestRecord } from './record.ts';
import { RecordBus, Subscription } from './sink.ts';

const record = (id: string): RequestRecord => openRecord(id, 0, 'test', undefined);

describe('a record bus', () => {
  it('settles each record before the sinks see it, in their order, also while one waits', async () => {
    const seen: string[] = [];
    let open: () => void = () => undefined;
    const loaded = new Promise<void>((resolve) => {
      open = resolve;
    });
    const settle = (one: RequestRecord): void | Promise<void> => {
      one.model = 'settled';
      if (one.id === 'first') return loaded;
    };
    const bus = new RecordBus([({ id, model }) => seen.push(`${id} ${model}`)], () => undefined);
    const settler = { settle };
    bus.publish(record('first'), undefined, settler);
    const flushed = bus.flush();
    bus.publish(record('second'), undefined, settler);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual([]);
    open();
    await flushed;
    expect(seen).toEqual(['first settled', 'second settled']);
  });

  it('loses no record when settling or a sink fails, and reports the first failure', async () => {
    const failures: unknown[] = [];
    const seen: string[] = [];
    const broken = () => {
      throw new Error('sink');
    };
    const settle = ({ id }: RequestRecord): void | Promise<void> => {
      if (id === 'a') throw new Error('now');
      if (id === 'b') return Promise.reject(new Error('later'));
    };
    const bus = new RecordBus([broken, ({ id }) => seen.push(id)], (error) => failures.push(error));
    for (const id of ['a', 'b', 'c']) bus.publish(record(id), undefined, { settle });
    await bus.flush();
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(failures).toHaveLength(2);
    expect(bus.failures).toBe(5);
    expect(bus.sinks.map(({ name, failures: count }) => [name, count])).toEqual([
      ['sinks[0]', 3],
      ['sinks[1]', 0],
    ]);
  });

  it('counts rejections of asynchronous sinks for each of them, and lets nobody wait for one', async () => {
    const failures: [unknown, string][] = [];
    const seen: string[] = [];
    const late = async ({ id }: Readonly<RequestRecord>): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error(id);
    };
    // biome-ignore lint/suspicious/noThenProperty: a value that only looks like a promise is what this is about
    const thrower = { sink: () => ({ then: 'no promise' }) };
    const bus = new RecordBus([late, ({ id }) => seen.push(id), thrower.sink], (error, sink) => {
      failures.push([error, sink]);
      throw new Error('whoever is told fails too');
    });
    bus.publish(record('a'));
    bus.publish(record('b'));
    await bus.flush();
    expect(seen).toEqual(['a', 'b']);
    expect(failures).toEqual([[new Error('a'), 'sinks[0]']]);
    expect(bus.sinks.map((sink) => sink.failures)).toEqual([2, 0, 0]);
  });

  it('goes on while an asynchronous sink never ends, and gives up waiting for it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const seen: string[] = [];
      const bus = new RecordBus([() => new Promise(() => {}), ({ id }) => seen.push(id)], () => undefined);
      bus.publish(record('a'));
      const flushed = bus.flush();
      await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1), { interval: 1 });
      bus.publish(record('b'));
      await new Promise((resolve) => setImmediate(resolve));
      expect(seen).toEqual(['a', 'b']);
      await vi.advanceTimersByTimeAsync(5000);
      await flushed;
    } finally {
      vi.useRealTimers();
    }
  });

  it('lets sinks come and go, also from inside one', async () => {
    const seen: string[] = [];
    const bus = new RecordBus([], () => undefined);
    bus.publish(record('nobody'));
    const stop = bus.subscribe('listener', ({ id }) => {
      seen.push(`first ${id}`);
      stop();
    });
    const stopSecond = bus.subscribe('listener', ({ id }) => seen.push(`second ${id}`));
    expect(bus.hasSinks).toBe(true);
    bus.publish(record('a'));
    bus.publish(record('b'));
    await bus.flush();
    stopSecond();
    stopSecond();
    expect(seen).toEqual(['first a', 'second a', 'second b']);
    expect(bus.hasSinks).toBe(false);
  });

  it('tells the watchers of whoever served a request, and of no other', async () => {
    const seen: string[] = [];
    const watchers = [new Subscription('watcher', ({ id }) => seen.push(id))];
    const bus = new RecordBus([], () => undefined);
    const settle = () => undefined;
    bus.publish(record('mine'), undefined, { settle, watchers });
    bus.publish(record('other'), undefined, { settle });
    await bus.flush();
    expect(seen).toEqual(['mine']);
  });

  it('tells watchers of several records at once: of a full batch, after a moment, or when it has to catch up', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const seen: string[] = [];
      const settler = {
        settle: () => undefined,
        watchers: [new Subscription('watcher', ({ id }) => seen.push(id))],
      };
      const bus = new RecordBus([], () => undefined);
      const publish = async (count: number): Promise<void> => {
        for (let i = 0; i < count; i++) bus.publish(record(String(i)), undefined, settler);
        await new Promise((resolve) => setImmediate(resolve));
      };
      await publish(49);
      expect([seen.length, bus.queued, vi.getTimerCount()]).toEqual([0, 49, 1]);
      await publish(1);
      expect([seen.length, bus.queued, vi.getTimerCount()]).toEqual([50, 0, 0]);
      await publish(2);
      expect(seen).toHaveLength(50);
      await vi.advanceTimersByTimeAsync(20);
      expect([seen.length, vi.getTimerCount()]).toEqual([52, 0]);
      await publish(3);
      await bus.catchUp();
      expect([seen.length, bus.queued, vi.getTimerCount()]).toEqual([55, 0, 0]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('forgets no record that is published while it catches up, in whatever moment', async () => {
    const seenAfter = async (turns: number): Promise<string[]> => {
      const seen: string[] = [];
      const settler = { settle: () => undefined, watchers: [new Subscription('watcher', ({ id }) => seen.push(id))] };
      const bus = new RecordBus([], () => undefined);
      bus.publish(record('a'), undefined, settler);
      const caughtUp = bus.catchUp();
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      bus.publish(record('b'), undefined, settler);
      await caughtUp;
      await new Promise((resolve) => setTimeout(resolve, 40));
      return seen;
    };
    const all = await Promise.all(Array.from({ length: 12 }, (_, turns) => seenAfter(turns)));
    expect(all).toEqual(all.map(() => ['a', 'b']));
  });

  it('puts right what was reserved once the record is settled, with the next turn, whoever watches and whatever fails', async () => {
    const seen: string[] = [];
    const settle = (one: RequestRecord): void => {
      if (one.id === 'broken') throw new Error('no price');
      one.model = 'settled';
    };
    const booking = { settle: ({ id, model }: Readonly<RequestRecord>) => seen.push(`${id} ${model}`) };
    const watchers = [new Subscription('watcher', ({ id }) => seen.push(`watched ${id}`))];
    const bus = new RecordBus([], () => undefined);
    bus.publish(record('broken'), undefined, { settle }, booking);
    bus.publish(record('a'), undefined, { settle, watchers }, booking);
    bus.publish(record('nobody'), undefined, { settle });
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(['broken undefined', 'a settled']);
    await bus.flush();
    expect(seen).toEqual(['broken undefined', 'a settled', 'watched a']);
  });

  it('hands over more than one step’s worth, and again afterwards', async () => {
    let count = 0;
    const bus = new RecordBus([() => count++], () => undefined);
    for (let i = 0; i < 333; i++) bus.publish(record(String(i)));
    await bus.flush();
    expect(count).toBe(333);
    bus.publish(record('later'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(count).toBe(334);
  });

  it('drops what the queue cannot hold, and counts it', async () => {
    let count = 0;
    const bus = new RecordBus([() => count++], () => undefined);
    for (let i = 0; i < 10_005; i++) bus.publish(record(String(i)));
    expect(bus.dropped).toBe(5);
    await bus.flush();
    expect(count).toBe(10_000);
  });

  it('settles nothing that nobody learns from and nothing was reserved for', async () => {
    const settled: string[] = [];
    const settle = ({ id }: RequestRecord): void => void settled.push(id);
    const bus = new RecordBus([], () => undefined);
    bus.publish(record('nobody'), undefined, { settle });
    bus.publish(record('watched'), undefined, { settle, watchers: [new Subscription('watcher', () => undefined)] });
    bus.publish(record('reserved'), undefined, { settle }, { settle: () => undefined });
    await bus.flush();
    expect(settled).toEqual(['watched', 'reserved']);
  });
});
