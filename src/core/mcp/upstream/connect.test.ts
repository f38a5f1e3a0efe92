import process from 'node:process';
import { expect, it } from 'vitest';
import { connect } from './connect.ts';
import { EraVerdict } from './era-verdict.ts';
import type { Wire } from './wire.ts';

it('leaves no rejection unhandled when its time is over before the wire has started', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', note);
  let fail: (failure: Error) => void = () => {};
  const wire: Wire = {
    streamPerRequest: false,
    start: () => new Promise((_resolve, reject) => (fail = reject)),
    send: async () => {},
    setProtocolVersion() {},
    close: async () => fail(new Error('closed before it had started')),
  };
  const connecting = connect({
    name: 'late',
    dialer: { place: 'remote', isSingle: false, fallback: false, dial: async () => wire, close: async () => {} },
    verdict: new EraVerdict('legacy', () => 0),
    clientInfo: {},
    capabilities: {},
    events: { onListChanged() {}, onResourceUpdated() {}, onClose() {} },
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    signal: AbortSignal.abort(new Error('too late')),
  });
  await expect(connecting).rejects.toThrow('too late');
  await new Promise((resolve) => setImmediate(resolve));
  process.removeListener('unhandledRejection', note);
  for (const listener of listeners) process.on('unhandledRejection', listener);
  expect(unhandled).toEqual([]);
});
