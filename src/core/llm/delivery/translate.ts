import { NexusError } from '../../errors/nexus-error.ts';
import type { Usage } from '../../exchange/usage.ts';
import { SseReader } from '../../http/sse.ts';
import { textOf } from '../../http/text.ts';
import type { CanonicalEvent } from '../canonical/event.ts';
import type {
  ClientProtocol,
  EncodeContext,
  StreamDecoder,
  StreamEncoder,
  UpstreamProtocol,
} from '../protocols/protocol.ts';
import type { DeliveredAnswer, Delivery, StreamDelivery } from '../upstream/delivery.ts';

/** Different protocols: upstream format → canonical → client format. */
export function translate(client: ClientProtocol, upstream: UpstreamProtocol, context: EncodeContext): Delivery {
  return {
    sameDialect: false,
    decodeError: (body) => upstream.decodeError(body),
    encodeErrorEvent: (error) => client.encodeErrorEvent(error),
    whole(bytes): DeliveredAnswer {
      const response = upstream.decodeResponse(JSON.parse(textOf(bytes)), context);
      return { body: client.encodeResponse(response, context), usage: response.usage };
    },
    openStream: () => new TranslatedStream(upstream.createStreamDecoder(context), client.createStreamEncoder(context)),
  };
}

/** All events of one read are translated in one synchronous step and leave in one write. */
class TranslatedStream implements StreamDelivery {
  content = false;
  failure: NexusError | undefined;
  /** An error event is written by whoever holds the call, so that it is written once. */
  readonly failureSent = false;
  usage: Usage | undefined;
  readonly #decoder: StreamDecoder;
  readonly #encoder: StreamEncoder;
  readonly #reader: SseReader;
  readonly #emit = (event: CanonicalEvent): void => this.#take(event);
  #begun = false;
  #ended = false;
  #out = '';

  constructor(decoder: StreamDecoder, encoder: StreamEncoder) {
    this.#decoder = decoder;
    this.#encoder = encoder;
    this.#reader = new SseReader((data, event) => decoder.decode(data, event, this.#emit));
  }

  push(chunk: Buffer): string | undefined {
    if (!this.#begun) {
      this.#begun = true;
      const first = chunk.toString('latin1', 0, 64).trimStart()[0];
      if (first === '{' || first === '<') this.failure = notAStream();
    }
    if (!this.#reader.push(chunk)) this.failure ??= notAStream();
    return this.#given();
  }

  end(): string | undefined {
    this.#reader.end();
    this.#decoder.close?.(this.#emit);
    if (!this.#ended) {
      this.failure ??= this.content
        ? new NexusError('stream_truncated', "The provider's stream ended before its answer did")
        : new NexusError('upstream_invalid', 'The provider sent an empty stream');
    }
    return this.#given();
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
      case 'usage':
        this.usage = event.usage;
        break;
      case 'text':
      case 'reasoning':
      case 'refusal':
        if (event.text !== '') this.content = true;
        break;
      case 'reasoning_end':
      case 'tool_call':
      case 'tool_arguments':
      case 'finish':
        this.content = true;
        break;
      case 'end':
        this.#ended = true;
        break;
    }
    this.#out += this.#encoder.encode(event);
  }
}

function notAStream(): NexusError {
  return new NexusError(
    'upstream_invalid',
    'The provider answered a stream request with something that is no event stream',
  );
}
