import type { Buffer } from 'node:buffer';
import type { NexusError } from '../../errors/nexus-error.ts';
import { SseReader } from '../../http/sse.ts';
import type { CanonicalEvent } from '../canonical/event.ts';
import type {
  ClientProtocol,
  DecodeContext,
  EncodeContext,
  StreamDecoder,
  StreamEncoder,
  UpstreamProtocol,
} from '../protocols/protocol.ts';
import type { DeliveredAnswer, Delivery, Received } from '../upstream/delivery.ts';
import { answerBytes } from './answer-bytes.ts';
import { EVENT_LIMIT, endedEarly, notAStream, OpenedStream } from './opened-stream.ts';
import { WrittenMeter, writtenInAnswer } from './received.ts';
import { type Recovery, wholeOfStream } from './recovery.ts';

/** Different protocols: upstream format → canonical → client format. */
export function translate(
  client: ClientProtocol,
  upstream: UpstreamProtocol,
  context: EncodeContext & DecodeContext,
): Delivery {
  const recovery: Recovery = { client, upstream, contextFor: () => context };
  return {
    sameDialect: false,
    decodeError: (body) => upstream.decodeError(body),
    encodeErrorEvent: (error, requestId) => client.encodeErrorEvent(error, requestId),
    whole(came): DeliveredAnswer {
      const { bytes, text } = answerBytes(came);
      let body: unknown;
      try {
        body = JSON.parse(text);
      } catch (cause) {
        const answer = wholeOfStream(bytes, recovery);
        if (answer === undefined) throw cause;
        return answer;
      }
      const response = upstream.decodeResponse(body, context);
      const { model: responseModel, usage, finish } = response;
      return { body: client.encodeResponse(response, context), responseModel, usage, finish, dropped: context.dropped };
    },
    written: (bytes) => writtenInAnswer(bytes, upstream, context),
    openStream: () =>
      new TranslatedStream(upstream.createStreamDecoder(context), client.createStreamEncoder(context), recovery),
  };
}

/** All events of one read are translated in one synchronous step and leave in one write. */
class TranslatedStream extends OpenedStream {
  readonly #decoder: StreamDecoder;
  readonly #encoder: StreamEncoder;
  readonly #reader: SseReader;
  readonly #recovery: Recovery;
  readonly #emit = (event: CanonicalEvent): void => this.#take(event);
  readonly #written = new WrittenMeter();
  #finished = false;
  #ended = false;
  #out = '';

  constructor(decoder: StreamDecoder, encoder: StreamEncoder, recovery: Recovery) {
    super();
    this.#decoder = decoder;
    this.#encoder = encoder;
    this.#recovery = recovery;
    this.#reader = new SseReader((data, event) => decoder.decode(data, event, this.#emit), EVENT_LIMIT);
  }

  /** The dialect's error event, with what the stream has said before. */
  encodeFailure(error: NexusError, requestId: string): string {
    return this.#encoder.encode({ type: 'error', error, requestId });
  }

  protected relay(chunk: Buffer): string | undefined {
    if (!this.#reader.push(chunk)) this.failure ??= notAStream();
    return this.#given();
  }

  protected close(): string | undefined {
    this.#reader.end();
    this.#decoder.close?.(this.#emit);
    if (!this.#ended) this.failure ??= endedEarly(this.content);
    return this.#given();
  }

  protected recovery(): Recovery {
    return this.#recovery;
  }

  received(): Received {
    const { usage } = this;
    return { written: this.#written.tokens, usage, isFinal: this.#finished && (usage?.output ?? 0) > 0 };
  }

  #given(): string | undefined {
    const out = this.#out;
    this.#out = '';
    return out === '' ? undefined : out;
  }

  #take(event: CanonicalEvent): void {
    if (this.#ended || this.failure !== undefined) return;
    switch (event.type) {
      case 'error':
        this.failure = event.error;
        return;
      case 'start':
        this.responseModel = event.model;
        break;
      case 'usage':
        this.usage = event.usage;
        break;
      case 'text':
      case 'reasoning':
      case 'refusal':
        this.#written.take(event);
        if (event.text !== '') this.content = true;
        break;
      case 'tool_call':
      case 'tool_arguments':
        this.#written.take(event);
        this.content = true;
        break;
      case 'finish':
        this.#finished = true;
        this.finish = event.reason;
        this.content = true;
        break;
      case 'reasoning_end':
      case 'media':
        this.content = true;
        break;
      case 'end':
        this.#ended = true;
        break;
    }
    this.#out += this.#encoder.encode(event);
  }
}
