import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventStore } from './event-store.ts';
import { type Outlet, SessionStream } from './session-stream.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class Recorder implements Outlet {
  readonly said: string[] = [];
  isDone = false;
  event(text: string): void {
    this.said.push(text);
  }
  prime(): void {
    this.said.push('primed');
  }
  finish(text: string): void {
    this.said.push(text, 'end');
  }
  end(): void {
    this.said.push('end');
  }
}

function stream() {
  const store = new EventStore();
  const abandoned = vi.fn();
  return { store, abandoned, one: new SessionStream(1, store, abandoned) };
}

describe('a stream of a session', () => {
  it('is given up at once when its client goes and has nothing to resume after', () => {
    const { one, abandoned } = stream();
    const outlet = new Recorder();
    one.connect(outlet);
    one.disconnected(outlet);
    expect(abandoned).toHaveBeenCalledOnce();
  });

  it('waits a little for a client that can resume', () => {
    const { one, abandoned, store } = stream();
    const [first, second] = [new Recorder(), new Recorder()];
    one.connect(first);
    one.prime();
    one.disconnected(first);
    one.send('missed');
    vi.advanceTimersByTime(2000);
    one.connect(second);
    one.replay(store.after('1-1')?.events ?? []);
    vi.advanceTimersByTime(10_000);
    one.finish('last');
    expect(abandoned).not.toHaveBeenCalled();
    expect(first.said).toEqual(['primed']);
    expect(second.said).toEqual(['missed', 'last', 'end']);
  });

  it('is given up when its client stays away', () => {
    const { one, abandoned } = stream();
    const outlet = new Recorder();
    one.connect(outlet);
    one.prime();
    one.disconnected(outlet);
    vi.advanceTimersByTime(3000);
    expect(abandoned).toHaveBeenCalledOnce();
    one.send('nobody');
    one.finish('nobody');
    expect(outlet.said).toEqual(['primed']);
  });

  it('goes on where it was taken over, and the old place ends', () => {
    const { one, abandoned } = stream();
    const [first, second] = [new Recorder(), new Recorder()];
    one.connect(first);
    one.connect(second);
    one.disconnected(first);
    one.finish('last');
    expect([first.said, second.said]).toEqual([['end'], ['last', 'end']]);
    expect(abandoned).not.toHaveBeenCalled();
  });
});
