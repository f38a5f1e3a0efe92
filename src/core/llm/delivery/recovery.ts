import type { Buffer } from 'node:buffer';
import { NexusError } from '../../errors/nexus-error.ts';
import type { FinishReason } from '../../exchange/record.ts';
import type { Usage } from '../../exchange/usage.ts';
import { SseReader } from '../../http/sse.ts';
import { textOf } from '../../http/text.ts';
import { AnswerCollector } from '../canonical/collect.ts';
import type { CanonicalEvent } from '../canonical/event.ts';
import { unfold } from '../canonical/unfold.ts';
import type { ClientProtocol, EncodeContext, UpstreamProtocol } from '../protocols/protocol.ts';
import type { DeliveredAnswer } from '../upstream/delivery.ts';

/*
 * A provider that answers in the other manner than it was asked: a whole answer for a stream, a stream for a whole
 * answer. What it says is clear, so the client gets it in the manner it asked for.
 */

/** Between which formats, and what the answer needs besides. */
export interface Recovery {
  readonly client: ClientProtocol;
  readonly upstream: UpstreamProtocol;
  /** `answered` is the model's name as the provider gave it; empty where it gave none. */
  contextFor(answered: string): EncodeContext;
}

/** All frames of a stream, and what they say. */
export interface WholeStream {
  readonly frames: string;
  readonly responseModel: string | undefined;
  readonly usage: Usage | undefined;
  readonly finish: FinishReason | undefined;
}

/** A whole answer → all frames of the stream that was asked for. Throws `upstream_invalid` when it is no answer. */
export function streamOfWhole(bytes: Buffer, recovery: Recovery): WholeStream {
  const { client, upstream } = recovery;
  const events = eventsOf(JSON.parse(textOf(bytes)), upstream, recovery.contextFor(''));
  const start = events.find((event) => event.type === 'start');
  const encoder = client.createStreamEncoder(recovery.contextFor(start?.model ?? ''));
  let frames = '';
  let usage: Usage | undefined;
  let finish: FinishReason | undefined;
  for (const event of events) {
    if (event.type === 'error') throw event.error;
    if (event.type === 'usage') usage = event.usage;
    else if (event.type === 'finish') finish = event.reason;
    frames += encoder.encode(event);
  }
  if (events.at(-1)?.type !== 'end') throw new NexusError('upstream_invalid', 'The provider sent half an answer');
  return { frames, responseModel: start?.model, usage, finish };
}

/** A list is a stream that came as one document, as Google sends it unless asked for events. */
function eventsOf(body: unknown, upstream: UpstreamProtocol, context: EncodeContext): CanonicalEvent[] {
  if (!Array.isArray(body)) return unfold(upstream.decodeResponse(body, context));
  const events: CanonicalEvent[] = [];
  const emit = (event: CanonicalEvent): void => {
    events.push(event);
  };
  const decoder = upstream.createStreamDecoder(context);
  for (const item of body) decoder.decode(JSON.stringify(item), undefined, emit);
  decoder.close?.(emit);
  return events;
}

/** A stream → the whole answer that was asked for; `undefined` when the bytes are no stream, or not all of one. */
export function wholeOfStream(bytes: Buffer, recovery: Recovery): DeliveredAnswer | undefined {
  const { client, upstream } = recovery;
  const collector = new AnswerCollector();
  const emit = (event: CanonicalEvent): void => collector.take(event);
  const decoder = upstream.createStreamDecoder(recovery.contextFor(''));
  const reader = new SseReader((data, event) => decoder.decode(data, event, emit), Number.POSITIVE_INFINITY);
  reader.push(bytes);
  reader.end();
  decoder.close?.(emit);
  if (collector.failure !== undefined) throw collector.failure;
  const answer = collector.answer();
  if (answer === undefined) return undefined;
  return {
    body: client.encodeResponse(answer, recovery.contextFor(answer.model)),
    responseModel: answer.model,
    usage: answer.usage,
    finish: answer.finish,
  };
}
