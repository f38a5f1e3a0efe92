import type { ErrorCode } from '../errors/codes.ts';
import type { Usage } from './usage.ts';

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
  readonly remoteAddress: string | undefined;
  /** The model as the client named it. */
  requestedModel: string | undefined;
  /** Configured name of the provider that was called. */
  provider: string | undefined;
  /** The model's name at that provider. */
  model: string | undefined;
  stream: boolean;
  /** HTTP status of the answer; 499 when the client left before there was one. */
  status: number;
  /** Why it failed, also where the failure came after the status (inside a stream). */
  error: ErrorCode | undefined;
  /** As the provider reported it. */
  usage: Usage | undefined;
  /** Fields of the request the provider's protocol cannot express. */
  dropped: readonly string[];
  /** Milliseconds until the upstream's first content-bearing byte (streams) or whole answer. */
  firstContentMs: number | undefined;
  /** Milliseconds until the end. */
  durationMs: number;
}

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
    requestedModel: undefined,
    provider: undefined,
    model: undefined,
    stream: false,
    status: 0,
    error: undefined,
    usage: undefined,
    dropped: [],
    firstContentMs: undefined,
    durationMs: 0,
  };
}
