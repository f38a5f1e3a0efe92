import type { Principal } from '../../exchange/principal.ts';
import type { JsonObject } from '../wire/json-rpc.ts';
import type { ToolInput } from './local/tool-input.ts';

export interface ToolContext {
  /** Who calls; undefined where nobody has to say. */
  readonly principal: Principal | undefined;
  /** Aborted when the caller cancels or leaves, and when the call takes too long. */
  readonly signal: AbortSignal;
  /** The id of the request in its record; undefined for a call of this process of which none is written. */
  readonly requestId: string | undefined;
  /** Tells the caller how far it is, if the caller wants to know. */
  progress(update: { readonly progress: number; readonly total?: number; readonly message?: string }): void;
}

/** A function of this process, offered as a tool. */
export interface LocalTool {
  readonly title?: string;
  readonly description?: string;
  /** What it takes: a schema of zod (4.2 or later) or another Standard Schema library, or a JSON Schema. Default: nothing. */
  readonly input?: ToolInput;
  readonly outputSchema?: JsonObject;
  readonly annotations?: JsonObject;
  /**
   * Does the work. A string becomes a text, an object structured content (and its JSON text), a `CallToolResult` (an
   * object with `content`) goes out as it is. What it throws becomes a result with `isError` and the error's message.
   */
  run(args: unknown, context: ToolContext): unknown;
}
