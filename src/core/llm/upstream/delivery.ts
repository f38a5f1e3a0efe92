import type { NexusError } from '../../errors/nexus-error.ts';
import type { FinishReason } from '../../exchange/record.ts';
import type { Usage } from '../../exchange/usage.ts';
import type { UpstreamHeaders } from '../../http/transport.ts';
import type { UpstreamErrorBody } from '../protocols/protocol.ts';

/** A whole answer, ready for the client. */
export interface DeliveredAnswer {
  readonly body: Buffer | string;
  /** The model that answered, as the provider names it; absent or empty where it does not say. */
  readonly responseModel?: string | undefined;
  readonly usage: Usage | undefined;
  /** Why the model stopped, as far as the answer says. */
  readonly finish?: FinishReason | undefined;
  /** What the answer held that the client's format cannot show: `answer.image`. */
  readonly dropped?: readonly string[] | undefined;
}

/** What came of a stream, for its bill. */
export interface Received {
  /** Tokens of what the model wrote, estimated from what came. */
  readonly written: number;
  /** The counts the provider has given so far. */
  readonly usage: Usage | undefined;
  /** Those counts are of the whole answer: it had come to its end. */
  readonly isFinal: boolean;
}

/** A streamed answer on its way: bytes in, bytes out, in one synchronous step per chunk. */
export interface StreamDelivery {
  /** Takes what came; gives what goes to the client, if anything. */
  push(chunk: Buffer): Buffer | string | undefined;
  /** The upstream has closed: what is still to be said. Sets `failure` when the protocol's own end never came. */
  end(): Buffer | string | undefined;
  /** Something content-bearing has been pushed: from here on the head may leave. */
  readonly content: boolean;
  /** Why the answer failed, once it has. */
  readonly failure: NexusError | undefined;
  /** The failure already stands in the bytes that were given out. */
  readonly failureSent: boolean;
  /** The model that answers, once the provider has named it; empty where it has no name for it. */
  readonly responseModel: string | undefined;
  readonly usage: Usage | undefined;
  /** Why the model stopped, once the stream has said so. */
  readonly finish: FinishReason | undefined;
  /** Asked at most once, after the end, of a stream that was cut or did not say what it cost. */
  received(): Received;
  /** The last of the client's stream, which says that it failed. Absent: a frame by itself, `Delivery.encodeErrorEvent`. */
  encodeFailure?(error: NexusError, requestId: string): string;
}

/** How one upstream's answer becomes the client's: untouched, or translated. */
export interface Delivery {
  /** Throws `upstream_invalid` when the bytes are not an answer. `headers` are the upstream's own. */
  whole(bytes: Buffer, headers: UpstreamHeaders): DeliveredAnswer;
  /** How long a whole answer may be, in bytes, where the usual limit is too small for what it carries. */
  readonly wholeLimit?: number;
  openStream(): StreamDelivery;
  /** Tokens of what the model wrote in a whole answer that does not say so, estimated. Absent: it wrote nothing. */
  written?(bytes: Buffer): number;
  /** Calls of this kind cost nothing, whatever comes of them. */
  readonly isFree?: boolean;
  /** Reads the upstream's error envelope. */
  decodeError(body: unknown): UpstreamErrorBody | undefined;
  /** The upstream's error envelope is the client's own: it may leave as it came. */
  readonly sameDialect: boolean;
  /** A frame of the client's stream that says it failed. */
  encodeErrorEvent(error: NexusError, requestId: string): string;
}
