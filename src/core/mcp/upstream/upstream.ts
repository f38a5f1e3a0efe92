import type { CallContext, Caller } from '../caller.ts';
import type { JsonObject } from '../wire/json-rpc.ts';

export type UpstreamState = 'starting' | 'ready' | 'down' | 'closed';

/** What an upstream offers, exactly as it listed it (members we do not know included), all pages. */
export interface Catalogue {
  readonly tools: readonly JsonObject[];
  readonly prompts: readonly JsonObject[];
  readonly resources: readonly JsonObject[];
  readonly resourceTemplates: readonly JsonObject[];
  /** The capabilities it declared. */
  readonly capabilities: JsonObject;
  readonly instructions: string | undefined;
}

/** What has changed at an upstream. */
export type UpstreamChange =
  | { readonly kind: 'tools' | 'prompts' | 'resources' }
  | { readonly kind: 'resource'; readonly uri: string }
  | { readonly kind: 'state' };

/** One configured MCP server, remote, child process or in this process, whatever era it speaks. */
export interface Upstream {
  readonly name: string;
  readonly state: UpstreamState;
  /** Why it is down, in words that hold no secret. */
  readonly problem: string | undefined;
  /** How many tools it lists; absent where that depends on who asks, or nobody counts. */
  readonly toolCount?: number | undefined;
  /**
   * What it offers this caller. Last good lists while it is down, empty before it was ever up; never waits longer than
   * the start deadline. For servers that are given the caller's token the lists are the caller's own.
   */
  catalogue(caller: Caller): Promise<Catalogue>;
  /**
   * Sends one request under the upstream's own names and resolves with its result, unchanged. Rejects with `JsonRpcError`:
   * the upstream's own error, or -32603 when it cannot be reached, -32001 when the deadline has passed.
   */
  request(method: string, params: JsonObject, call: CallContext): Promise<JsonObject>;
  /** Watches a resource; one subscription upstream however many watch. Resolves with the function that stops watching. */
  subscribe(uri: string, caller: Caller): Promise<() => void>;
  /** Passes a notification of the client (`notifications/roots/list_changed`) to a connection of its own, if it has one. */
  notify?(method: string, params: JsonObject, caller: Caller): void;
  /** Asks for log notifications of at least this level on connections without a caller's own. */
  setLogLevel(level: string): void;
  onChange(listener: (change: UpstreamChange) => void): () => void;
  close(): Promise<void>;
}
