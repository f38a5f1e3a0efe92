import type { Buffer } from 'node:buffer';
import type { ParsedRetry } from '../../config/resolve-routes.ts';
import type { FailureClass } from '../../exchange/attempt-record.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { EndpointContext } from '../../http/endpoint.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Deadlines } from '../providers/deadlines.ts';
import type { Target } from '../providers/target.ts';
import type { Delivery } from './delivery.ts';
import type { InFlight, Running } from './in-flight.ts';
import type { RetryBudgets } from './retry-budget.ts';
import type { TargetHealth } from './target-health.ts';
import type { Transports } from './transports.ts';

/** What one target is sent, and what becomes of its answer. */
export interface Prepared {
  readonly path: string;
  readonly body: Buffer | string;
  readonly stream: boolean;
  readonly delivery: Delivery;
  /** Fields the target cannot be told; the reply names them in `replyHeaders`. */
  readonly dropped?: readonly string[];
  /** For the reply, names in lower case and values in turn. */
  readonly replyHeaders?: readonly string[];
}

/** A target in its place, with what is known of it and how long it may take. */
export interface Candidate {
  readonly target: Target;
  /** Absent: nobody chooses by it. */
  readonly health: TargetHealth | undefined;
  readonly deadlines: Deadlines;
  /** Most tokens the model reads, where that is known. */
  readonly contextWindow?: number | undefined;
}

/** How far the attempts of one request may go. */
export interface AttemptPolicy {
  readonly retry: ParsedRetry;
  readonly maxAttempts: number;
  /** For all attempts together, in milliseconds. Absent: each target's own deadline, counted from the first attempt. */
  readonly timeout: number | undefined;
  readonly fallbackOn: ReadonlySet<FailureClass>;
  /** In which time what is known of latencies fades, in milliseconds. */
  readonly decay: number;
  /** Told how many tokens an answer had. */
  readonly learnOutput?: (tokens: number) => void;
}

/** The targets of one request, in order, and by which route they came. */
export interface Plan {
  readonly candidates: readonly Candidate[];
  readonly policy: AttemptPolicy;
  /** Absent: the client named the target itself. */
  readonly route: string | undefined;
  readonly variant?: string | undefined;
}

/** What all attempts of an instance share. */
export interface AttemptGround {
  readonly runtime: Runtime;
  readonly transports: Transports;
  readonly inFlight: InFlight<Running>;
  readonly budgets: RetryBudgets;
  /** When a client that waits for a stream is sent a sign of life, and how often, in milliseconds. */
  readonly keepaliveAfter: number;
}

export interface AttemptRequest {
  readonly exchange: Exchange;
  readonly context: EndpointContext;
  readonly plan: Plan;
  /** Makes what a target is sent, anew for each attempt. Throws where it cannot be sent there. */
  readonly prepare: (target: Target) => Prepared;
  /**
   * Books the request with the limits of a target other than the first. Throws, or rejects, where they do not allow it.
   * Absent: nothing is limited.
   */
  readonly admit?: ((target: Target) => unknown) | undefined;
  /** What a stream's client may be sent while it waits; means nothing in its format. */
  readonly keepalive?: string;
}
