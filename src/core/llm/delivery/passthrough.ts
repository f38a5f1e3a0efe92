import { Buffer } from 'node:buffer';
import type { NexusError } from '../../errors/nexus-error.ts';
import type { FinishReason } from '../../exchange/record.ts';
import type { Usage } from '../../exchange/usage.ts';
import { eventData, lastEventEnd, SseReader, splitEvents } from '../../http/sse.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { EventFacts, PassthroughProtocol } from '../protocols/passthrough.ts';
import type { ClientProtocol, UpstreamErrorBody, UpstreamProtocol } from '../protocols/protocol.ts';
import { spliceModel } from '../protocols/splice.ts';
import type { DeliveredAnswer, Delivery, Received, StreamDelivery } from '../upstream/delivery.ts';
import { type AnswerBytes, answerBytes } from './answer-bytes.ts';
import { EVENT_LIMIT, endedEarly, notAStream, OpenedStream } from './opened-stream.ts';
import { writtenInAnswer, writtenInStream } from './received.ts';
import { type Recovery, wholeOfStream } from './recovery.ts';
import { StreamEnds } from './stream-ends.ts';

/** How much of a stream's end is kept at least: its last events say whether it is whole and what it cost. */
const TAIL = 2 * 1024;
/** An unfinished event longer than this is no usage event; it need not wait for its end. */
const PARTIAL_LIMIT = 16 * 1024;

const USAGE = Buffer.from('"usage"');
const MODEL_MEMBER = /"model"\s*:\s*"(?:[^"\\]|\\.)*"/;

export interface PassthroughOptions {
  readonly client: ClientProtocol;
  readonly protocol: PassthroughProtocol;
  /** The same format's face to vendors: reads errors, and answers that come in the other manner than asked for. */
  readonly upstream: UpstreamProtocol;
  /** What the client called the model. */
  readonly asked: string;
  /** That name must stand in the answer instead of the upstream's. */
  readonly renamed: boolean;
  /** The client asked for usage in its stream; otherwise the usage event we asked for is taken out. */
  readonly streamUsage: boolean;
  readonly runtime: Runtime;
}

/** The same protocol on both sides: bytes in, bytes out. */
export class Passthrough implements Delivery {
  readonly sameDialect = true;
  readonly #options: PassthroughOptions;

  constructor(options: PassthroughOptions) {
    this.#options = options;
  }

  decodeError(body: unknown): UpstreamErrorBody | undefined {
    return this.#options.upstream.decodeError(body);
  }

  encodeErrorEvent(error: NexusError, requestId: string): string {
    return this.#options.client.encodeErrorEvent(error, requestId);
  }

  whole(bytes: Buffer): DeliveredAnswer {
    return wholeAnswer(answerBytes(bytes), this.#options);
  }

  written(bytes: Buffer): number {
    const { runtime, upstream } = this.#options;
    return writtenInAnswer(bytes, upstream, { newId: runtime.id });
  }

  openStream(): StreamDelivery {
    return new RelayedStream(this.#options);
  }
}

function wholeAnswer({ bytes, text }: AnswerBytes, options: PassthroughOptions): DeliveredAnswer {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const recovered = wholeOfStream(bytes, recoveryOf(options));
    if (recovered === undefined) throw cause;
    return recovered;
  }
  const { model, usage, finish } = options.protocol.readResponse(value);
  if (!options.renamed || model === undefined) return { body: bytes, responseModel: model, usage, finish };
  const { asked } = options;
  const body = spliceModel(bytes, model, asked) ?? JSON.stringify({ ...(value as object), model: asked });
  return { body, responseModel: model, usage, finish };
}

function recoveryOf({ asked, client, renamed, runtime, streamUsage, upstream }: PassthroughOptions): Recovery {
  return {
    client,
    upstream,
    contextFor: (answered) => ({
      model: renamed ? asked : answered || asked,
      created: Math.floor(runtime.now() / 1000),
      streamUsage,
      newId: runtime.id,
    }),
  };
}

/** Watches a stream go by: its beginning until there is content, then only its last events, once, at the end. */
class StreamWatch {
  content = false;
  failure: NexusError | undefined;
  model: string | undefined;
  usage: Usage | undefined;
  finish: FinishReason | undefined;
  readonly #protocol: PassthroughProtocol;
  #head: SseReader | undefined;
  readonly #ends = new StreamEnds();
  // Where the last events ended, counted from the beginning of the stream; about, as reads cut them.
  #border1 = 0;
  #border2 = 0;
  #border3 = 0;
  #border4 = 0;

  constructor(protocol: PassthroughProtocol) {
    this.#protocol = protocol;
    this.#head = new SseReader((data) => this.#readHead(protocol.readEvent(data)), EVENT_LIMIT);
  }

  see(chunk: Buffer): void {
    if (this.#head !== undefined) {
      if (!this.#head.push(chunk)) this.failure ??= notAStream();
      if (this.content || this.failure !== undefined) this.#head = undefined;
    }
    const end = lastEventEnd(chunk);
    if (end > 0) {
      this.#border4 = this.#border3;
      this.#border3 = this.#border2;
      this.#border2 = this.#border1;
      this.#border1 = this.#ends.size + end;
    }
    // The last events may be longer than the usual end, as OpenAI's that repeats the whole answer: they are kept whole.
    const lastEvents = this.#ends.size + chunk.length - this.#border4;
    this.#ends.push(chunk, this.content, Math.min(Math.max(TAIL, lastEvents), EVENT_LIMIT));
  }

  /** Reads the kept end. Returns whether the answer is whole, or says itself that it failed. */
  end(): { whole: boolean; failed: NexusError | undefined } {
    this.#head?.end();
    let whole = false;
    let failed: NexusError | undefined;
    for (const event of splitEvents(this.#ends.last)) {
      const data = eventData(event);
      if (data === '') continue;
      const facts = this.#protocol.readEvent(data);
      // The first piece may be the rest of a longer event: what it cannot say is not held against it.
      if (facts.finished) whole = true;
      this.finish = facts.finish ?? this.finish;
      this.model ||= facts.model;
      this.#readUsage(facts);
      if (facts.failure !== undefined && facts.failure.code !== 'upstream_invalid') failed = facts.failure;
    }
    return { whole, failed };
  }

  /** What was written is counted in the beginning; the rest is taken to be as dense. */
  received(upstream: UpstreamProtocol, newId: () => string): Received {
    const { whole } = this.end();
    const { usage } = this;
    const counted = writtenInStream(this.#ends.beginning, upstream, { newId });
    const written = Math.ceil(counted * this.#ends.share);
    return { written, usage, isFinal: whole && (usage?.output ?? 0) > 0 };
  }

  #readUsage({ usage, usageLacksInput }: EventFacts): void {
    if (usage === undefined) return;
    const earlier = this.usage;
    if (earlier === undefined) {
      this.usage = usage;
      return;
    }
    const { input, cacheRead, cacheWrite } = usageLacksInput === true ? earlier : usage;
    // Said once, at the beginning.
    const cacheWrite1h = usage.cacheWrite1h ?? earlier.cacheWrite1h;
    const serviceTier = usage.serviceTier ?? earlier.serviceTier;
    this.usage = { ...usage, input, cacheRead, cacheWrite, cacheWrite1h, serviceTier };
  }

  #readHead(facts: EventFacts): void {
    this.model ||= facts.model;
    this.#readUsage(facts);
    if (this.content) return;
    if (facts.failure !== undefined) this.failure ??= facts.failure;
    else if (facts.content) this.content = true;
  }
}

/**
 * Whole events go through as they came, so that an error event never lands inside half of one. The usage event nobody
 * asked for is taken out, a renamed model gets its public name back.
 */
class RelayedStream extends OpenedStream {
  readonly #watch: StreamWatch;
  readonly #options: PassthroughOptions;
  readonly #protocol: PassthroughProtocol;
  readonly #model: string | undefined;
  readonly #hideUsage: boolean;
  #partial: Buffer | undefined;
  /** An event too long to wait for has been let through in part. */
  #insideLong = false;

  constructor(options: PassthroughOptions) {
    super();
    this.#options = options;
    this.#protocol = options.protocol;
    this.#watch = new StreamWatch(options.protocol);
    this.#model = options.renamed ? `"model":${JSON.stringify(options.asked)}` : undefined;
    this.#hideUsage = !options.streamUsage;
  }

  encodeFailure(error: NexusError, requestId: string): string {
    const event = this.#options.client.encodeErrorEvent(error, requestId);
    return this.#insideLong ? `\n\n${event}` : event;
  }

  protected relay(chunk: Buffer): Buffer | undefined {
    const watch = this.#watch;
    watch.see(chunk);
    this.failure = watch.failure;
    this.content = watch.content;
    this.responseModel = watch.model;
    this.usage = watch.usage;
    const bytes = this.#partial === undefined ? chunk : Buffer.concat([this.#partial, chunk]);
    this.#partial = undefined;
    const end = lastEventEnd(bytes);
    if (end === bytes.length) {
      this.#insideLong = false;
      return this.#edit(bytes);
    }
    if (end > 0) this.#insideLong = false;
    const rest = bytes.subarray(end);
    if (this.#insideLong || rest.length > PARTIAL_LIMIT) {
      this.#insideLong = true;
      return end === 0 ? rest : Buffer.concat([this.#edit(bytes.subarray(0, end)) ?? Buffer.alloc(0), rest]);
    }
    this.#partial = rest;
    return end === 0 ? undefined : this.#edit(bytes.subarray(0, end));
  }

  protected close(): Buffer | undefined {
    const watch = this.#watch;
    const { whole, failed } = watch.end();
    this.content = watch.content;
    this.responseModel = watch.model;
    this.usage = watch.usage;
    this.finish = watch.finish;
    this.failure = watch.failure ?? failed;
    if (failed !== undefined && this.content) this.failureSent = true;
    else if (!whole) this.failure ??= endedEarly(this.content);
    if (this.#partial === undefined || (this.failure !== undefined && !this.failureSent)) return undefined;
    return this.#edit(this.#partial);
  }

  protected recovery(): Recovery {
    return recoveryOf(this.#options);
  }

  received(): Received {
    return this.#watch.received(this.#options.upstream, this.#options.runtime.id);
  }

  #edit(bytes: Buffer): Buffer | undefined {
    const mayHoldUsage = this.#hideUsage && holdsUsage(bytes);
    if (!mayHoldUsage && this.#model === undefined) return bytes;
    const kept: Buffer[] = [];
    for (const event of splitEvents(bytes)) {
      if (mayHoldUsage && holdsUsage(event) && this.#protocol.readEvent(eventData(event)).usageOnly) continue;
      kept.push(this.#model === undefined ? event : this.#rename(event));
    }
    return kept.length === 0 ? undefined : Buffer.concat(kept);
  }

  #rename(event: Buffer): Buffer {
    return Buffer.from(event.toString('utf8').replace(MODEL_MEMBER, () => this.#model ?? ''));
  }
}

/** Whether a usage object, not just `"usage": null`, stands in the bytes. */
function holdsUsage(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(USAGE); at >= 0; at = bytes.indexOf(USAGE, at + USAGE.length)) {
    let next = at + USAGE.length;
    while (bytes[next] === 0x20 || bytes[next] === 0x3a) next++;
    if (bytes[next] === 0x7b) return true;
  }
  return false;
}
