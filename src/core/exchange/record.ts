import type { ErrorCode } from '../errors/codes.ts';
import type { AttemptRecord } from './attempt-record.ts';
import type { Cost } from './cost.ts';
import type { Usage } from './usage.ts';

/**
 * How the counts of a record are known: `reported` by the provider; `estimated` for a whole answer without counts, and for
 * a request that was sent and never answered in time; `estimated_partial` for an answer that was cut, by the client or by
 * the provider: what was received until then; `none` where nothing was used.
 */
export type UsageSource = 'reported' | 'estimated' | 'estimated_partial' | 'none';

/**
 * One flat row per request: what was asked, who answered, what it took. Written on the way, sealed when the last byte
 * has left or the client has. Holds no prompt, no answer text, no credential.
 */
export interface RequestRecord {
  /** The id in `X-Nexus-Request-Id`. */
  readonly id: string;
  /** Unix milliseconds. */
  readonly startedAt: number;
  /** Name of the endpoint that served it, for example `openai.chat.completions`. */
  readonly endpoint: string;
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
  /** The route that chose the target; absent where the client named it. */
  route: string | undefined;
  /** The arm of an ab test: `experiment/target`. */
  variant: string | undefined;
  /** Every try at a provider, in order; the last one is the one that was answered, if any was. */
  attempts: readonly AttemptRecord[];
  stream: boolean;
  /** HTTP status of the answer; 499 when the client left before there was one. */
  status: number;
  /** Why it failed, also where the failure came after the status (inside a stream). */
  error: ErrorCode | undefined;
  /** Tokens, as `usageSource` says; absent where nothing was used. */
  usage: Usage | undefined;
  usageSource: UsageSource;
  /** Absent: nothing was used, or the model has no price. No price is not a price of zero. */
  cost: Cost | undefined;
  /** Fields of the request the provider's protocol cannot express. */
  dropped: readonly string[];
  /** Milliseconds until the upstream's first content-bearing byte (streams) or whole answer. */
  firstContentMs: number | undefined;
  /** Milliseconds until the end. */
  durationMs: number;
}

const NO_ATTEMPTS: readonly AttemptRecord[] = [];

export function openRecord(
  id: string,
  startedAt: number,
  endpoint: string,
  remoteAddress: string | undefined,
): RequestRecord {
  // Every member from the start: one shape for all records keeps the hot path monomorphic.
  return {
    id,
    startedAt,
    endpoint,
    remoteAddress,
    clientId: undefined,
    clientGroup: undefined,
    requestedModel: undefined,
    provider: undefined,
    model: undefined,
    modelAlias: undefined,
    route: undefined,
    variant: undefined,
    attempts: NO_ATTEMPTS,
    stream: false,
    status: 0,
    error: undefined,
    usage: undefined,
    usageSource: 'none',
    cost: undefined,
    dropped: [],
    firstContentMs: undefined,
    durationMs: 0,
  };
}
