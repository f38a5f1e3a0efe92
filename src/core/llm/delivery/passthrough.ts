import { Buffer } from 'node:buffer';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Usage } from '../../exchange/usage.ts';
import { eventData, lastEventEnd, SseReader, splitEvents } from '../../http/sse.ts';
import { textOf } from '../../http/text.ts';
import type { EventFacts, PassthroughProtocol } from '../protocols/passthrough.ts';
import type { ClientProtocol, UpstreamErrorBody } from '../protocols/protocol.ts';
import { spliceModel } from '../protocols/splice.ts';
import type { DeliveredAnswer, Delivery, StreamDelivery } from '../upstream/delivery.ts';

/** How much of a stream's end is kept: its last events say whether it is whole and what it cost. */
const TAIL = 8 * 1024;
/** An unfinished event longer than this is no usage event; it need not wait for its end. */
const PARTIAL_LIMIT = 16 * 1024;

const USAGE = Buffer.from('"usage"');
const MODEL_MEMBER = /"model"\s*:\s*"(?:[^"\\]|\\.)*"/;

export interface PassthroughOptions {
  readonly client: ClientProtocol;
  readonly protocol: PassthroughProtocol;
  readonly decodeError: (body: unknown) => UpstreamErrorBody | undefined;
  /** The name the client must see instead of the upstream's; absent: the answer keeps its own. */
  readonly model: string | undefined;
  /** The client did not ask for the usage event we asked for: take it out. */
  readonly hideUsage: boolean;
}

/** The same protocol on both sides: bytes in, bytes out. */
export function passthrough(options: PassthroughOptions): Delivery {
  const { client, protocol, model } = options;
  return {
    sameDialect: true,
    decodeError: options.decodeError,
    encodeErrorEvent: (error) => client.encodeErrorEvent(error),
    whole: (bytes) => wholeAnswer(bytes, protocol, model),
    openStream: () =>
      model === undefined && !options.hideUsage
        ? new RawStream(protocol)
        : new EventStream(protocol, model, options.hideUsage),
  };
}

function wholeAnswer(bytes: Buffer, protocol: PassthroughProtocol, model: string | undefined): DeliveredAnswer {
  const value: unknown = JSON.parse(textOf(bytes));
  const answer = protocol.readResponse(value);
  if (model === undefined || answer.model === undefined) {
    return { body: bytes, usage: answer.usage };
  }
  return {
    body: spliceModel(bytes, answer.model, model) ?? JSON.stringify({ ...(value as object), model }),
    usage: answer.usage,
  };
}

/** Watches a stream go by: its beginning until there is content, then only its last few kilobytes, once, at the end. */
class StreamWatch {
  content = false;
  failure: NexusError | undefined;
  usage: Usage | undefined;
  readonly #protocol: PassthroughProtocol;
  #head: SseReader | undefined;
  #tail: Buffer[] = [];
  #tailSize = 0;

  constructor(protocol: PassthroughProtocol) {
    this.#protocol = protocol;
    this.#head = new SseReader((data) => this.#readHead(protocol.readEvent(data)));
  }

  see(chunk: Buffer): void {
    if (this.#head !== undefined) {
      const first = this.#tailSize === 0 ? firstByte(chunk) : undefined;
      if (first === '{' || first === '<') this.failure = new NexusError('upstream_invalid', NOT_A_STREAM);
      else if (!this.#head.push(chunk)) this.failure ??= new NexusError('upstream_invalid', NOT_A_STREAM);
      if (this.content || this.failure !== undefined) this.#head = undefined;
    }
    this.#tail.push(chunk);
    this.#tailSize += chunk.length;
    for (
      let first = this.#tail[0];
      first !== undefined && this.#tailSize - first.length >= TAIL;
      first = this.#tail[0]
    ) {
      this.#tail.shift();
      this.#tailSize -= first.length;
    }
  }

  /** Reads the kept end. Returns whether the answer is whole, or says itself that it failed. */
  end(): { whole: boolean; failed: NexusError | undefined } {
    this.#head?.end();
    let whole = false;
    let failed: NexusError | undefined;
    for (const event of splitEvents(Buffer.concat(this.#tail))) {
      const data = eventData(event);
      if (data === '') continue;
      const facts = this.#protocol.readEvent(data);
      // The first piece may be the rest of a longer event: what it cannot say is not held against it.
      if (facts.finished) whole = true;
      this.#readUsage(facts);
      if (facts.failure !== undefined && facts.failure.code !== 'upstream_invalid') failed = facts.failure;
    }
    return { whole, failed };
  }

  #readUsage({ usage, usageLacksInput }: EventFacts): void {
    if (usage === undefined) return;
    const { input = 0, cacheRead = 0, cacheWrite = 0 } = this.usage ?? {};
    this.usage = usageLacksInput === true ? { ...usage, input, cacheRead, cacheWrite } : usage;
  }

  #readHead(facts: EventFacts): void {
    this.#readUsage(facts);
    if (this.content) return;
    if (facts.failure !== undefined) this.failure ??= facts.failure;
    else if (facts.content) this.content = true;
  }
}

const NOT_A_STREAM = 'The provider answered a stream request with something that is no event stream';

function firstByte(chunk: Buffer): string | undefined {
  return chunk.toString('latin1', 0, 64).trimStart()[0];
}

/** Every byte goes through as it came. */
class RawStream implements StreamDelivery {
  readonly #watch: StreamWatch;
  failure: NexusError | undefined;
  failureSent = false;

  constructor(protocol: PassthroughProtocol) {
    this.#watch = new StreamWatch(protocol);
  }

  get content(): boolean {
    return this.#watch.content;
  }

  get usage(): Usage | undefined {
    return this.#watch.usage;
  }

  push(chunk: Buffer): Buffer {
    this.#watch.see(chunk);
    this.failure = this.#watch.failure;
    return chunk;
  }

  end(): undefined {
    const { whole, failed } = this.#watch.end();
    this.failure = this.#watch.failure ?? failed;
    if (failed !== undefined && this.#watch.content) this.failureSent = true;
    else if (!whole) this.failure ??= truncated(this.#watch.content);
  }
}

/** Event by event: the usage event nobody asked for is taken out, a renamed model gets its public name back. */
class EventStream implements StreamDelivery {
  readonly #watch: StreamWatch;
  readonly #protocol: PassthroughProtocol;
  readonly #model: string | undefined;
  readonly #hideUsage: boolean;
  #partial: Buffer | undefined;
  /** An event too long to wait for has been let through in part. */
  #insideLong = false;
  failure: NexusError | undefined;
  failureSent = false;

  constructor(protocol: PassthroughProtocol, model: string | undefined, hideUsage: boolean) {
    this.#watch = new StreamWatch(protocol);
    this.#protocol = protocol;
    this.#model = model === undefined ? undefined : `"model":${JSON.stringify(model)}`;
    this.#hideUsage = hideUsage;
  }

  get content(): boolean {
    return this.#watch.content;
  }

  get usage(): Usage | undefined {
    return this.#watch.usage;
  }

  push(chunk: Buffer): Buffer | undefined {
    this.#watch.see(chunk);
    this.failure = this.#watch.failure;
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

  end(): Buffer | undefined {
    const { whole, failed } = this.#watch.end();
    this.failure = this.#watch.failure ?? failed;
    if (failed !== undefined && this.#watch.content) this.failureSent = true;
    else if (!whole) this.failure ??= truncated(this.#watch.content);
    return this.#partial === undefined || this.failure !== undefined ? undefined : this.#edit(this.#partial);
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

function truncated(begun: boolean): NexusError {
  return begun
    ? new NexusError('stream_truncated', "The provider's stream ended before its answer did")
    : new NexusError('upstream_invalid', 'The provider sent an empty stream');
}
