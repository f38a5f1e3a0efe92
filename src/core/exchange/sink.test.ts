import { describe, expect, it } from 'vitest';
import { openRecord, type RequestRecord } from './record.ts';
import { RecordBus } from './sink.ts';

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
    const bus = new RecordBus([({ id, model }) => seen.push(`${id} ${model}`)], () => undefined, settle);
    bus.publish(record('first'));
    const flushed = bus.flush();
    bus.publish(record('second'));
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
    const bus = new RecordBus([broken, ({ id }) => seen.push(id)], (error) => failures.push(error), settle);
    for (const id of ['a', 'b', 'c']) bus.publish(record(id));
    await bus.flush();
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(failures).toHaveLength(1);
    expect(bus.failures).toBe(5);
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

  it('settles nothing without sinks', async () => {
    let settled = 0;
    const bus = new RecordBus(
      [],
      () => undefined,
      () => {
        settled += 1;
      },
    );
    bus.publish(record('a'));
    await bus.flush();
    expect(settled).toBe(0);
  });
});
