import type { NexusError } from '../../errors/nexus-error.ts';
import type { CanonicalEvent } from '../canonical/event.ts';
import type { CanonicalRequest, JsonObject } from '../canonical/request.ts';
import type { CanonicalResponse } from '../canonical/response.ts';

/*
 * A protocol is a wire format and nothing else: pure functions, no network, no clock, no id generation. It has two
 * faces. A client protocol is what callers speak to us; an upstream protocol is what we speak to a vendor. A format
 * that is both implements both.
 */

export type ProtocolId = 'openai-chat' | 'anthropic-messages';

/** What an answer needs that does not come from the upstream. */
export interface EncodeContext {
  /** The model name the client sees: what it asked for. */
  readonly model: string;
  /** Unix seconds. */
  readonly created: number;
  /** Whether the client asked for usage in its stream. */
  readonly streamUsage: boolean;
}

/** Turns canonical events into the text of a client's event stream. One per answer. */
export interface StreamEncoder {
  /** The frames that say `event`; empty when the dialect has nothing to say. `error` and `end` close the stream. */
  encode(event: CanonicalEvent): string;
}

/** The face to clients. */
export interface ClientProtocol {
  readonly id: ProtocolId;
  /** Throws `invalid_request` with the path of the first wrong field. */
  decodeRequest(body: JsonObject): CanonicalRequest;
  /** JSON text. */
  encodeResponse(response: CanonicalResponse, context: EncodeContext): string;
  createStreamEncoder(context: EncodeContext): StreamEncoder;
  /** JSON text of the dialect's error envelope. */
  encodeError(error: NexusError): string;
  /** The same as a frame of the dialect's event stream. */
  encodeErrorEvent(error: NexusError): string;
}

/** Reads one upstream event stream. One per answer. */
export interface StreamDecoder {
  /** Reads one frame (`event` is the frame's name where the format has names) and reports what it says. */
  decode(data: string, event: string | undefined, emit: (event: CanonicalEvent) => void): void;
}

/** What an upstream's error body says. */
export interface UpstreamErrorBody {
  readonly message: string;
  /** The vendor's machine code or type, where there is one. */
  readonly code?: string;
}

/** The face to upstreams. */
export interface UpstreamProtocol {
  readonly id: ProtocolId;
  /** JSON text. Names of fields this format cannot express are added to `dropped`, in canonical spelling. */
  encodeRequest(request: CanonicalRequest, dropped: string[]): string;
  /** Throws `upstream_invalid` when the body is not an answer of this format. */
  decodeResponse(body: unknown): CanonicalResponse;
  createStreamDecoder(): StreamDecoder;
  /** `undefined` when the body is not this format's error envelope. */
  decodeError(body: unknown): UpstreamErrorBody | undefined;
}
