import type { NexusError } from '../../errors/nexus-error.ts';
import type { CanonicalEvent } from '../canonical/event.ts';
import type { CanonicalRequest, JsonObject } from '../canonical/request.ts';
import type { CanonicalResponse } from '../canonical/response.ts';
import type { SpecialTools } from '../canonical/special-tool.ts';
import type { Quirks } from './quirks.ts';
import type { Spelling } from './spelling.ts';

/*
 * A protocol is a wire format and nothing else: pure functions, no network, no clock, no ids of their own making. It has
 * two faces. A client protocol is what callers speak to us; an upstream protocol is what we speak to a vendor. A format
 * that is both implements both.
 */

/** The formats clients speak. Vendors speak all of them too, so each can also be relayed to itself. */
export type ClientProtocolId = 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'google-generate';

/** The formats vendors speak. */
export type ProtocolId = ClientProtocolId | 'bedrock-converse';

/** What a request is addressed to. Most formats say it in the body, Google's says it in the path. */
export interface Address {
  readonly model: string;
  readonly stream: boolean;
  /** The client wants usage in its stream; true for formats that always have it there. */
  readonly streamUsage: boolean;
}

/** What an answer needs that does not come from the upstream. */
export interface EncodeContext {
  /** The model name the client sees: what it asked for. */
  readonly model: string;
  /** Unix seconds. */
  readonly created: number;
  /** Whether the client asked for usage in its stream. */
  readonly streamUsage: boolean;
  /** Makes an id that is unique and safe in the format: for answers and items whose upstream gives none. */
  readonly newId: () => string;
  /** Tools the client knows as something else than functions. */
  readonly specialTools?: SpecialTools | undefined;
  /** Takes the names of what a whole answer holds and the client's format cannot show: `answer.image`, `answer.audio`. */
  readonly dropped?: string[] | undefined;
}

/** Turns canonical events into the text of a client's event stream. One per answer. */
export interface StreamEncoder {
  /** The frames that say `event`; empty when the dialect has nothing to say. `error` and `end` close the stream. */
  encode(event: CanonicalEvent): string;
}

/** The face to clients. */
export interface ClientProtocol {
  readonly id: ClientProtocolId;
  /**
   * Checks a body, also one that is only forwarded; nothing is copied or changed. Throws `invalid_request` with the path
   * of the first wrong field; unknown fields pass.
   */
  validateRequest(body: unknown): JsonObject;
  /** A body that has been validated → its canonical form. Throws `invalid_request` for what has none. */
  decodeRequest(body: JsonObject, address: Address): CanonicalRequest;
  /** What this format calls the fields of a canonical request. */
  readonly spelling: Spelling;
  /** JSON text. */
  encodeResponse(response: CanonicalResponse, context: EncodeContext): string;
  createStreamEncoder(context: EncodeContext): StreamEncoder;
  /** JSON text of the dialect's error envelope. `requestId` stands in it where the dialect has a place for it. */
  encodeError(error: NexusError, requestId?: string): string;
  /** The same as a frame of the dialect's event stream. */
  encodeErrorEvent(error: NexusError, requestId?: string): string;
}

/** What a decoder needs that does not come from the upstream. */
export interface DecodeContext {
  /** Makes an id for a tool call whose upstream gives none. */
  readonly newId: () => string;
  /** The model that was asked, by the vendor's name, for formats whose answers do not say. */
  readonly upstreamModel?: string;
}

/** Reads one upstream event stream. One per answer. */
export interface StreamDecoder {
  /** Reads one frame (`event` is the frame's name where the format has names) and reports what it says. */
  decode(data: string, event: string | undefined, emit: (event: CanonicalEvent) => void): void;
  /**
   * The connection has closed properly. For formats whose end is the end of the body: reports `end` if the answer was
   * whole. Others need not have it.
   */
  close?(emit: (event: CanonicalEvent) => void): void;
}

/** What an upstream's error body says. */
export interface UpstreamErrorBody {
  readonly message: string;
  /** The vendor's machine code or type, where there is one. */
  readonly code?: string;
  /** It came without the envelope that clients of this format look into. */
  readonly bare?: true;
}

/** The face to upstreams. */
export interface UpstreamProtocol {
  readonly id: ProtocolId;
  /**
   * JSON text. Names of fields this format cannot express are added to `dropped`, in the caller's words where they are
   * known, else in canonical spelling. Throws `invalid_request` where leaving out would change the meaning. `quirks`
   * tell in what the vendor's hosts and models differ from the format.
   */
  encodeRequest(request: CanonicalRequest, dropped: string[], quirks?: Quirks): string;
  /** Throws `upstream_invalid` when the body is not an answer of this format. */
  decodeResponse(body: unknown, context: DecodeContext): CanonicalResponse;
  createStreamDecoder(context: DecodeContext): StreamDecoder;
  /** `undefined` when the body is not this format's error envelope. */
  decodeError(body: unknown): UpstreamErrorBody | undefined;
}
