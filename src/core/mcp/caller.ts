import type { McpOperation } from '../exchange/mcp-operation.ts';
import type { Principal } from '../exchange/principal.ts';
import type { RequestRecord } from '../exchange/record.ts';
import type { JsonObject } from './wire/json-rpc.ts';

/** Who makes MCP calls: a legacy client's session, or one modern client's requests. */
export interface Caller {
  readonly principal: Principal | undefined;
  /** Conversations of two scopes never mix: the session of a legacy client, the principal of a modern one. */
  readonly scope: string;
  /** What the client declared it can be asked: `elicitation`, `sampling`, `roots`, in its own words. */
  readonly capabilities: JsonObject;
}

/** What is written down of a call. */
export interface ObservedCall {
  readonly record: RequestRecord;
  readonly operation: McpOperation;
  /** The clock that records count from. */
  readonly elapsed: () => number;
}

/** One call of a caller, while it runs. */
export interface CallContext {
  readonly caller: Caller;
  /** Aborted when the client cancels or leaves. */
  readonly signal: AbortSignal;
  /** Nexus's id of the request, for local tools. */
  readonly requestId?: string | undefined;
  /** The row of the request that brought it; absent: none is written. */
  readonly record?: RequestRecord | undefined;
  /** What is written down of it, while it runs; absent: nothing is. */
  readonly observed?: ObservedCall | undefined;
  /** Members `traceparent` and `tracestate`, for servers to be told; absent: they are told nothing. */
  readonly trace?: Readonly<Record<string, string>> | undefined;
  /** Members of the request's `_meta` that travel on (trace context, log level); never a progress token. */
  readonly meta: JsonObject;
  /** Takes the params of this call's progress, without a token. Absent: the client did not ask for progress. */
  readonly onProgress?: (params: JsonObject) => void;
  /** Takes other notifications that belong to this call, such as `notifications/message`. */
  readonly onNotification?: (method: string, params: JsonObject) => void;
  /**
   * A request the upstream makes of the client while it serves this call (`elicitation/create`,
   * `sampling/createMessage`, `roots/list`). Rejects with `JsonRpcError`. Absent: the client cannot be asked.
   */
  readonly ask?: (method: string, params: JsonObject, signal: AbortSignal) => Promise<JsonObject>;
  /**
   * True when the client answers `input_required` results itself (a modern client): they are handed back as they are,
   * and its retry brings `inputResponses` and `requestState` in the params. Else the upstream layer asks and retries.
   */
  readonly relayInputRequired: boolean;
}
