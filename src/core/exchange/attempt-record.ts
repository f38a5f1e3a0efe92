/**
 * What kind of failure an attempt met; it decides whether the same target, another one or nobody is asked next.
 * `incapable`: our own refusal to send this request to this target. `cancelled`: the client left, or we are closing.
 */
export type FailureClass =
  | 'network'
  | 'timeout'
  | 'rate_limit'
  | 'quota'
  | 'server'
  | 'auth'
  | 'missing_model'
  | 'context_length'
  | 'content_policy'
  | 'invalid'
  | 'incapable'
  | 'cancelled';

/** One try at one target. */
export interface AttemptRecord {
  /** Configured name of the provider. */
  readonly provider: string;
  /** The model's name at that provider. */
  readonly model: string;
  /** Which of the provider's keys was used, from 0; absent where it has one at most. */
  readonly key: number | undefined;
  /** The key was the caller's own. */
  readonly forwarded: boolean;
  /** Whether the provider was called: an attempt may end before that. */
  readonly sent: boolean;
  /** HTTP status of the provider's answer; 0 where there was none. */
  readonly status: number;
  /** Absent: there was an answer. */
  readonly failure: FailureClass | undefined;
  /** Milliseconds after the request began. */
  readonly startMs: number;
  /** The span the provider is told of, in the request's trace; absent where it is told of none. */
  readonly spanId: string | undefined;
  /** Milliseconds until the first content of a stream, the end of a whole answer, or the failure. */
  readonly durationMs: number;
}
