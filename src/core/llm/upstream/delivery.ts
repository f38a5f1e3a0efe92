import type { NexusError } from '../../errors/nexus-error.ts';
import type { Usage } from '../../exchange/usage.ts';
import type { UpstreamErrorBody } from '../protocols/protocol.ts';

/** A whole answer, ready for the client. */
export interface DeliveredAnswer {
  readonly body: Buffer | string;
  readonly usage: Usage | undefined;
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
  readonly usage: Usage | undefined;
}

/** How one upstream's answer becomes the client's: untouched, or translated. */
export interface Delivery {
  /** Throws `upstream_invalid` when the bytes are not an answer. */
  whole(bytes: Buffer): DeliveredAnswer;
  openStream(): StreamDelivery;
  /** Reads the upstream's error envelope. */
  decodeError(body: unknown): UpstreamErrorBody | undefined;
  /** The upstream's error envelope is the client's own: it may leave as it came. */
  readonly sameDialect: boolean;
  /** A frame of the client's stream that says it failed. */
  encodeErrorEvent(error: NexusError): string;
}
