// What is decided before a span is made. Most requests are not sampled, and a span that records nothing costs as much as a
// tenth of a short call.
import type { Context, SpanContext } from '@opentelemetry/api';
import type { Sampler } from '@opentelemetry/sdk-trace-base';
import type { Trace } from '../../exchange/trace.ts';
import type { TraceIds } from './trace-ids.ts';

/** A request that is not sampled: it has its place in a trace, which goes on through us, and no spans. */
export class UnsampledTrace implements Trace {
  readonly isSampled = false;
  readonly traceId: string;
  readonly spanId: string;
  readonly state: string | undefined;
  readonly #tellsUpstreams: boolean;

  constructor(traceId: string, spanId: string, state: string | undefined, tellsUpstreams: boolean) {
    this.traceId = traceId;
    this.spanId = spanId;
    this.state = state;
    this.#tellsUpstreams = tellsUpstreams;
  }

  depart(): string | undefined {
    return this.#tellsUpstreams ? this.spanId : undefined;
  }
}

/** The sampler and the ids of a tracer of our own. */
export interface Sampling {
  readonly sampler: Sampler;
  readonly ids: TraceIds;
  /** `SamplingDecision.NOT_RECORD` of the API, which is loaded elsewhere. */
  readonly notRecorded: number;
}

/**
 * The place of a request that will not be sampled; `undefined` for one that will be: its first span, which has to be the
 * next one that is made, gets the trace id that was decided on.
 */
export function unsampled(
  { ids, notRecorded, sampler }: Sampling,
  context: Context,
  parent: SpanContext | undefined,
  name: string,
  kind: number,
  tellsUpstreams: boolean,
): UnsampledTrace | undefined {
  const traceId = parent?.traceId ?? ids.generateTraceId();
  if (sampler.shouldSample(context, traceId, name, kind, {}, []).decision !== notRecorded) {
    if (parent === undefined) ids.giveNext(traceId);
    return undefined;
  }
  return new UnsampledTrace(traceId, ids.generateSpanId(), parent?.traceState?.serialize(), tellsUpstreams);
}
