// What a fake MCP server offers, and its script: mostly plain data, with functions where a tool must think.
import type { IncomingHttpHeaders } from 'node:http';
import type { JsonObject } from './json-value.ts';

/** The two families of revisions: `legacy` opens with a handshake (to 2025-11-25), `modern` has none (2026-07-28). */
export type FakeMcpEra = 'legacy' | 'modern';

/** What a function of the fake server learns of a call, and can do while it runs. */
export interface FakeMcpCall {
  readonly era: FakeMcpEra;
  /** Empty in process. */
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** Members of the request's `_meta`. */
  readonly meta: Readonly<JsonObject>;
  /** Aborted when the client cancels or leaves. */
  readonly signal: AbortSignal;
  /** Tells the caller how far it is, if the caller gave a progress token. */
  progress(progress: number, total?: number, message?: string): void;
}

export interface FakeMcpTool {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** JSON Schema, which is shown and not checked. Default: an object with any members. */
  readonly inputSchema?: Readonly<JsonObject> | undefined;
  /** Further members of the tool as it is listed: `annotations`, `outputSchema`, … */
  readonly more?: Readonly<JsonObject> | undefined;
  /**
   * What it answers, or a function that says so. A text becomes text content, an object with `content` is the result as it
   * is, any other value becomes structured content. What is thrown is a result with `isError`. Default: the text `ok`.
   */
  readonly result?: unknown;
}

export interface FakeMcpPrompt {
  readonly description?: string | undefined;
  readonly arguments?: readonly Readonly<JsonObject>[] | undefined;
  /** Text of its one message; `{name}` stands for the argument `name`. */
  readonly text: string;
}

export interface FakeMcpResource {
  readonly name?: string | undefined;
  readonly mimeType?: string | undefined;
  readonly text: string;
}

/** Which requests a rule takes. Absent members match anything. */
export interface FakeMcpMatch {
  /** Method, such as `tools/call`; `*` stands for any text, also none. */
  readonly method?: string | undefined;
  /** Name of the tool or prompt, or URI of the resource. */
  readonly name?: string | undefined;
  readonly era?: FakeMcpEra | undefined;
}

/**
 * Ways a server can misbehave. `hang`: it never answers. `close`: the connection ends without a word. `not-json`: what it
 * answers cannot be read (over HTTP). `wrong-id`: it answers a question that nobody asked.
 */
export type FakeMcpFault = 'hang' | 'close' | 'not-json' | 'wrong-id';

/** What a request gets instead of what it asked for. `{}` changes nothing. */
export interface FakeMcpReply {
  /** Milliseconds before the answer. Default: 0. */
  readonly delay?: number | undefined;
  /** A JSON-RPC error. */
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown } | undefined;
  /** The result; to modern clients it goes with the members that all results must have. */
  readonly result?: Readonly<JsonObject> | undefined;
  /** An HTTP status with an empty body instead of an answer, such as 401 or 503; of no effect in process. */
  readonly status?: number | undefined;
  /** Further headers of the answer over HTTP. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly fault?: FakeMcpFault | undefined;
}

/** The first rule that matches and is not used up decides. */
export interface FakeMcpRule {
  readonly match?: FakeMcpMatch | undefined;
  /** Requests this rule decides before it is used up. Default: all. */
  readonly times?: number | undefined;
  readonly reply: FakeMcpReply;
}

/** A request or notification as the server got it. */
export interface ReceivedMcpRequest {
  readonly method: string;
  readonly params: Readonly<JsonObject>;
  readonly era: FakeMcpEra;
  readonly via: 'http' | 'process';
  /** Empty in process. */
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** Undefined in process, of modern requests and of the handshake. */
  readonly session: string | undefined;
  /** How it ended; undefined while it is being answered. `aborted`: the client cancelled it or left first. */
  readonly ended: 'answered' | 'refused' | 'aborted' | undefined;
}

/** What a fake server lists, by name or URI. */
export interface FakeMcpOffer {
  readonly tools?: Readonly<Record<string, FakeMcpTool>> | undefined;
  /** Absent: the server says that it has no prompts at all. */
  readonly prompts?: Readonly<Record<string, FakeMcpPrompt>> | undefined;
  /** Absent: the server says that it has no resources at all. */
  readonly resources?: Readonly<Record<string, FakeMcpResource>> | undefined;
}
