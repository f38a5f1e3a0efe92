import type { CallContext, Caller } from '../caller.ts';
import type { FeedChange } from '../catalogue/change-feed.ts';
import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import type { MirroredParam } from '../wire/param-headers.ts';
import { CODES } from '../wire/revision.ts';

/** What one URL offers, in words of no era: the servers as one, or one of them. */
export interface Surface {
  /** Tells surfaces apart: sessions and states of one are unknown at the others. */
  readonly key: string;
  readonly serverInfo: JsonObject;
  describe(caller: Caller): Promise<Description>;
  /** Answers one of `METHODS`. Rejects with `JsonRpcError`. */
  request(method: string, params: JsonObject, call: CallContext): Promise<JsonObject>;
  /** The parameters of a tool that a modern client must mirror to headers. */
  mirrored(tool: string, caller: Caller): Promise<readonly MirroredParam[]>;
  /** Watches a resource; resolves with the function that stops watching. The URI is told again in `listen`. */
  watch(uri: string, caller: Caller): Promise<() => void>;
  /** Changes a client of this surface is to know; `uri` is as clients know it. */
  listen(listener: (change: FeedChange) => void): () => void;
  /** Passes on what a client tells its servers. */
  notify(method: string, params: JsonObject, caller: Caller): void;
  /** Asks the servers for log notifications of at least this level. */
  setLogLevel(level: string): void;
}

export interface Description {
  readonly capabilities: JsonObject;
  readonly instructions: string | undefined;
}

/** The methods a surface answers, in both eras. */
export const METHODS: ReadonlySet<string> = new Set([
  'tools/list',
  'tools/call',
  'prompts/list',
  'prompts/get',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'completion/complete',
]);

/** Unknown, and everything a caller may not know of: never a word that tells one from the other. */
export function unknownTool(): JsonRpcError {
  return new JsonRpcError(CODES.methodNotFound, 'tools/call');
}

export function unknownPrompt(): JsonRpcError {
  return new JsonRpcError(CODES.methodNotFound, 'Prompt not found');
}

export function unknownResource(uri: string): JsonRpcError {
  return new JsonRpcError(CODES.resourceNotFound, 'Resource not found', { data: { uri } });
}

export function invalidParams(message: string, data?: unknown): JsonRpcError {
  return new JsonRpcError(CODES.invalidParams, message, data === undefined ? {} : { data });
}

/** A member that must be a text. Throws -32602 otherwise. */
export function requiredText(params: JsonObject, member: string): string {
  const value = params[member];
  if (typeof value === 'string') return value;
  throw invalidParams(`"${member}" must be a string`);
}

/** Our lists are whole: there is no page that a cursor could name. */
export function refuseCursor(params: JsonObject): void {
  if (params['cursor'] !== undefined && params['cursor'] !== null) throw invalidParams('"cursor" is not known here');
}
