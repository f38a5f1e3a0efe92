import type { ErrorCode } from '../errors/codes.ts';
import type { AttemptRecord } from './attempt-record.ts';
import type { Cost } from './cost.ts';
import type { McpOperation } from './mcp-operation.ts';
import type { StoreCommand } from './store-command.ts';
import type { Trace } from './trace.ts';
import type { Usage } from './usage.ts';

/**
 * How the counts of a record are known: `reported` by the provider; `estimated` for a whole answer without counts, and for
 * a request that was sent and never answered in time; `estimated_partial` for an answer that was cut, by the client or by
 * the provider: what was received until then; `none` where nothing was used.
 */
export type UsageSource = 'reported' | 'estimated' | 'estimated_partial' | 'none';

/** A call that was paid for besides the one whose answer the client got. */
export interface Charge {
  /** `attempt`: it failed, or was given up, and is billed all the same. `router`: it chose the target. */
  readonly purpose: 'attempt' | 'router';
  /** Configured name of the provider. */
  readonly provider: string;
  /** The model's name at that provider. */
  readonly model: string;
  /** The name after the provider's by which the route means that model. */
  readonly modelAlias: string | undefined;
  readonly usage: Usage;
  readonly usageSource: UsageSource;
  /** Absent: the model has no price. */
  readonly cost: Cost | undefined;
}

/** Why the model stopped. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

/** What a request says about the answer it wants; read only where somebody traces it. */
export interface RequestParameters {
  readonly maxTokens: number | undefined;
  readonly temperature: number | undefined;
  readonly toolCount: number;
}

/**
 * One flat row per request: what was asked, who answered, what it took. Written on the way, sealed when the last byte
 * has left or the client has. Holds no prompt, no answer text, no credential.
 */
export interface RequestRecord {
  /** The id in `X-Nexus-Request-Id`. */
  readonly id: string;
  /** Unix milliseconds. */
  readonly startedAt: number;
  /** When it began on the monotonic clock: what its parts' times count from. */
  readonly begunAt: number;
  /** Name of the endpoint that served it, for example `openai.chat.completions`. */
  readonly endpoint: string;
  /** HTTP method, and the path below the mount, without query; both empty for calls of MCP tools without HTTP. */
  readonly method: string;
  readonly path: string;
  /** Where it stands in a trace; absent where tracing is off. */
  trace: Trace | undefined;
  /** Where the request came from; behind a proxy, what the proxy says, where it is believed. */
  readonly remoteAddress: string | undefined;
  /** Who called, by the id the configuration or the application gives; absent where nothing tells. */
  clientId: string | undefined;
  clientGroup: string | undefined;
  /** The model as the client named it. */
  requestedModel: string | undefined;
  /** Configured name of the provider that was called. */
  provider: string | undefined;
  /** The model's name at that provider. */
  model: string | undefined;
  /** The name after the provider's by which the client or its route means that model. */
  modelAlias: string | undefined;
  /** The model that answered, as the provider names it; absent where it does not say. */
  responseModel: string | undefined;
  /** The route that chose the target; absent where the client named it. */
  route: string | undefined;
  /** The arm of an ab test: `experiment/target`. */
  variant: string | undefined;
  /** Every try at a provider, in order; the last one is the one that was answered, if any was. */
  attempts: readonly AttemptRecord[];
  /** What the client of an MCP endpoint asked, in order of its beginning. */
  operations: readonly McpOperation[];
  /** What a shared store was asked about limits. */
  storeCommands: readonly StoreCommand[];
  /** Absent where the request is not traced. */
  parameters: RequestParameters | undefined;
  stream: boolean;
  /** Why the model stopped, as far as the answer says. */
  finishReason: FinishReason | undefined;
  /** HTTP status of the answer, or what it would be; 499 when the client left before there was one. */
  status: number;
  /** Why it failed, also where the failure came after the status (inside a stream). */
  error: ErrorCode | undefined;
  /** Tokens, as `usageSource` says; absent where nothing was used. */
  usage: Usage | undefined;
  usageSource: UsageSource;
  /** Absent: nothing was used, or the model has no price. No price is not a price of zero. */
  cost: Cost | undefined;
  /** What `usage` and `cost`, which are those of the last call, do not hold. */
  charges: readonly Charge[];
  /** Nano-dollars of everything: `cost` and that of `charges`. Absent: nothing was used, or nothing of it has a price. */
  totalNanoUsd: number | undefined;
  /** Fields of the request the provider's protocol cannot express. */
  dropped: readonly string[];
  /** Milliseconds until the upstream's first content-bearing byte (streams) or whole answer. */
  firstContentMs: number | undefined;
  /** Milliseconds until the end. */
  durationMs: number;
}

const NO_CHARGES: readonly Charge[] = [];
const NO_ATTEMPTS: readonly AttemptRecord[] = [];
const NO_OPERATIONS: readonly McpOperation[] = [];
const NO_COMMANDS: readonly StoreCommand[] = [];

export function openRecord(
  id: string,
  startedAt: number,
  endpoint: string,
  remoteAddress: string | undefined,
  begunAt = 0,
  method = '',
  path = '',
): RequestRecord {
  // Every member from the start: one shape for all records keeps the hot path monomorphic.
  return {
    id,
    startedAt,
    begunAt,
    endpoint,
    method,
    path,
    trace: undefined,
    remoteAddress,
    clientId: undefined,
    clientGroup: undefined,
    requestedModel: undefined,
    provider: undefined,
    model: undefined,
    modelAlias: undefined,
    responseModel: undefined,
    route: undefined,
    variant: undefined,
    attempts: NO_ATTEMPTS,
    operations: NO_OPERATIONS,
    storeCommands: NO_COMMANDS,
    parameters: undefined,
    stream: false,
    finishReason: undefined,
    status: 0,
    error: undefined,
    usage: undefined,
    usageSource: 'none',
    cost: undefined,
    charges: NO_CHARGES,
    totalNanoUsd: undefined,
    dropped: [],
    firstContentMs: undefined,
    durationMs: 0,
  };
}
