import type { JsonObject } from '../wire/json-rpc.ts';
import type { RequestId } from '../wire/message.ts';

/** How messages travel to and from one MCP server: a child process, HTTP, or this process. */
export interface Wire {
  /** Whether each request has a stream of its own, so that dropping it is how a modern server learns of a cancellation. */
  readonly streamPerRequest: boolean;
  /** Rejects with a link failure (`link-failure.ts`). */
  start(receiver: WireReceiver): Promise<void>;
  /** Resolves when the message is on its way; rejects with a link failure, or with `JsonRpcError` for a refusal in words. */
  send(message: JsonObject, options?: SendOptions): Promise<void>;
  /** Told once, after the handshake of a legacy server. */
  setProtocolVersion(version: string): void;
  /** Ends it for good, within seconds; `onClose` follows. */
  close(): Promise<void>;
}

export interface WireReceiver {
  /** `during`: the id of the request on whose own stream it came, where requests have streams of their own. */
  onMessage(message: JsonObject, during?: RequestId): void;
  /** Exactly once; `failure` says why when it was not us who ended it. */
  onClose(failure: Error | undefined): void;
}

export interface SendOptions {
  /** Drops the request's own stream. */
  readonly signal?: AbortSignal | undefined;
  /** HTTP headers for this message alone. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The request's own stream has ended; without an answer before it, none will come. */
  readonly onStreamEnd?: (() => void) | undefined;
}
