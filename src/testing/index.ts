/**
 * Providers for tests, on your own machine: no key, no network, no bill.
 *
 * @example
 * ```ts
 * import { createFakeProvider } from 'nexus-ai/testing';
 *
 * await using provider = await createFakeProvider();
 * provider.script([{ match: { model: 'gpt-*' }, times: 1, reply: { error: { status: 529, message: 'busy' } } }]);
 * provider.reply({ text: 'Hello!' });
 *
 * const ask = () =>
 *   fetch(`${provider.url}/v1/chat/completions`, {
 *     method: 'POST',
 *     headers: { authorization: 'Bearer any' },
 *     body: JSON.stringify({ model: 'gpt-5', messages: [{ role: 'user', content: 'Hi' }] }),
 *   });
 * console.log((await ask()).status); // 529
 * console.log(await (await ask()).text()); // a chat completion that says Hello!
 * console.log(provider.bill.requests); // 2
 * ```
 *
 * @module
 */
export type { Bill } from './bill.ts';
export type { Cut } from './cuts.ts';
export type { Outcome } from './delivery.ts';
export type {
  FakeMcpCall,
  FakeMcpEra,
  FakeMcpFault,
  FakeMcpMatch,
  FakeMcpOffer,
  FakeMcpPrompt,
  FakeMcpReply,
  FakeMcpResource,
  FakeMcpRule,
  FakeMcpTool,
  ReceivedMcpRequest,
} from './fake-mcp-rule.ts';
export {
  createFakeMcpServer,
  type FakeMcpObject,
  type FakeMcpServer,
  type FakeMcpServerOptions,
} from './fake-mcp-server.ts';
export { createFakeProvider, type FakeProvider, type FakeProviderOptions } from './fake-provider.ts';
export type {
  FakeError,
  FakeFault,
  FakeMatch,
  FakeProtocol,
  FakeReply,
  FakeRule,
  FakeToolCall,
  FakeUsage,
} from './fake-rule.ts';
export type { FakeModels } from './models-listing.ts';
export type { ReceivedRequest } from './received-request.ts';
export { type CapturedExchange, createRecorder, type Recorder, type RecorderOptions } from './recorder.ts';
export { type RecordedExchange, readRecordings, responseBytes } from './recordings.ts';
export { openReplay, type Replay } from './replay.ts';
export { createReplayer, type Playback, type PlayOptions, type Replayer } from './replayer.ts';
export { createTestClock, type TestClock, type TestClockOptions } from './test-clock.ts';
