import type { Buffer } from 'node:buffer';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Usage } from '../../exchange/usage.ts';
import { textOf } from '../../http/text.ts';
import type { UpstreamHeaders } from '../../http/transport.ts';
import {
  checkedVector,
  type EmbeddingsRequest,
  encodeEmbeddingsAnswer,
  readEmbeddingsAnswer,
  type TextDialect,
} from '../embeddings/index.ts';
import { openaiChat } from '../protocols/openai-chat/index.ts';
import type { UpstreamErrorBody } from '../protocols/protocol.ts';
import type { DeliveredAnswer, Delivery } from '../upstream/delivery.ts';

/** Vectors are long: 2,048 of 3,072 numbers each are some 75 MiB of JSON. */
const ANSWER_LIMIT = 128 * 1024 * 1024;

type ErrorDecoder = (body: unknown) => UpstreamErrorBody | undefined;

/** Counts what a list of texts, or the token ids of the request, costs where the upstream does not say. */
export type TokenEstimate = (texts: readonly string[] | undefined) => number;

/** An answer that comes whole: embeddings have no streams. */
abstract class WholeDelivery implements Delivery {
  readonly wholeLimit = ANSWER_LIMIT;
  abstract readonly sameDialect: boolean;
  readonly decodeError: ErrorDecoder;

  constructor(decodeError: ErrorDecoder) {
    this.decodeError = decodeError;
  }

  abstract whole(bytes: Buffer, headers: UpstreamHeaders): DeliveredAnswer;

  encodeErrorEvent(error: NexusError): string {
    return openaiChat.encodeErrorEvent(error);
  }

  openStream(): never {
    throw new NexusError('internal', 'Embeddings are not a stream');
  }
}

/** OpenAI's format on both sides: bytes in, bytes out. */
export class RelayedEmbeddings extends WholeDelivery {
  readonly sameDialect = true;
  /** The usage in the answer is an estimate of ours. */
  estimated = false;
  readonly #request: EmbeddingsRequest;
  readonly #model: string | undefined;
  readonly #estimate: TokenEstimate;

  /** `model`: the name the client must see instead of the upstream's; absent: the answer keeps its own. */
  constructor(request: EmbeddingsRequest, model: string | undefined, estimate: TokenEstimate) {
    super(openaiChat.decodeError);
    this.#request = request;
    this.#model = model;
    this.#estimate = estimate;
  }

  whole(bytes: Buffer): DeliveredAnswer {
    const { body, responseModel, usage, estimated } = readEmbeddingsAnswer(bytes, JSON.parse(textOf(bytes)), {
      request: this.#request,
      model: this.#model,
      estimate: () => inputUsage(this.#estimate(this.#request.texts)),
    });
    this.estimated = estimated;
    return { body, responseModel, usage };
  }
}

/** Puts the answers of several calls together into one of OpenAI's format. */
export class GatheredEmbeddings {
  /** At least one of the calls did not say what it cost. */
  estimated = false;
  readonly #dialect: TextDialect;
  readonly #request: EmbeddingsRequest;
  readonly #decodeError: ErrorDecoder;
  readonly #estimate: TokenEstimate;
  readonly #vectors: (string | readonly number[])[];
  /** Parts that have been asked for and not been answered, by the item they begin with. */
  readonly #open = new Map<number, readonly string[]>();
  #tokens = 0;

  constructor(dialect: TextDialect, request: EmbeddingsRequest, decodeError: ErrorDecoder, estimate: TokenEstimate) {
    this.#dialect = dialect;
    this.#request = request;
    this.#decodeError = decodeError;
    this.#estimate = estimate;
    this.#vectors = new Array<string>(request.count).fill('');
  }

  /** For the call that embeds `texts`, the first of which is the input's item number `start`. */
  deliveryOf(texts: readonly string[], start: number): Delivery {
    this.#open.set(start, texts);
    return new PartDelivery(this.#decodeError, (bytes, headers) => this.#take(texts, start, bytes, headers));
  }

  /** Tokens of the calls that have been answered so far. */
  get usage(): Usage {
    return inputUsage(this.#tokens);
  }

  /** The same, and an estimate of what the calls cost that were let go before they were answered. */
  get usageWhenLetGo(): Usage {
    let tokens = this.#tokens;
    for (const texts of this.#open.values()) tokens += this.#estimate(texts);
    return inputUsage(tokens);
  }

  /** The whole answer, once every call has brought its part; `model` is the name the client used. */
  answer(model: string): string {
    return encodeEmbeddingsAnswer(this.#vectors, model, this.usage);
  }

  #take(texts: readonly string[], start: number, bytes: Buffer, headers: UpstreamHeaders): void {
    const { vectors, tokens } = this.#dialect.decodeAnswer(JSON.parse(textOf(bytes)), headers);
    if (vectors.length !== texts.length) {
      throw new NexusError(
        'upstream_invalid',
        'The provider sent another number of embeddings than it was given texts',
      );
    }
    for (const [index, vector] of vectors.entries()) {
      this.#vectors[start + index] = checkedVector(vector, this.#request.format);
    }
    this.#open.delete(start);
    if (tokens === undefined) this.estimated = true;
    this.#tokens += tokens ?? this.#estimate(texts);
  }
}

/** One call's part of a gathered answer; what it says goes nowhere else. */
class PartDelivery extends WholeDelivery {
  readonly sameDialect = false;
  readonly #take: (bytes: Buffer, headers: UpstreamHeaders) => void;

  constructor(decodeError: ErrorDecoder, take: (bytes: Buffer, headers: UpstreamHeaders) => void) {
    super(decodeError);
    this.#take = take;
  }

  whole(bytes: Buffer, headers: UpstreamHeaders): DeliveredAnswer {
    this.#take(bytes, headers);
    return { body: '', usage: undefined };
  }
}

function inputUsage(input: number): Usage {
  return { input, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
}
