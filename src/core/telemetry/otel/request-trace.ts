// One request in a trace: its root span from the beginning, the spans of what leaves while it runs, and all others once it
// is over.
import type { Attributes, Context, Span, SpanContext, Tracer } from '@opentelemetry/api';
import type { Departure, Trace } from '../../exchange/trace.ts';
import type { Inbound } from './inbound.ts';

/** The API of OpenTelemetry, which is loaded where tracing is on. */
export type TraceApi = typeof import('@opentelemetry/api');

/** What a span says when it is over. Times in milliseconds after the request began. */
export interface SpanFacts {
  readonly name: string;
  readonly kind: 'internal' | 'client';
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly failed: boolean;
}

export interface TraceGround {
  readonly api: TraceApi;
  readonly tracer: Tracer;
  /** Upstreams are told. */
  readonly tellsUpstreams: boolean;
}

export class RequestTrace implements Trace {
  readonly traceId: string;
  readonly spanId: string;
  readonly isSampled: boolean;
  readonly state: string | undefined;
  readonly #ground: TraceGround;
  readonly #startedAt: number;
  readonly #root: Span;
  /** What the root span is in; its children's context is made from it. */
  readonly #context: Context;
  /** The model call that attempts are made for. */
  #call: Span | undefined;
  /** What has left and is not written yet, by its id. */
  #departed: Map<string, Span> | undefined;

  /** `startedAt` is in Unix milliseconds; `context` holds the parent, if there is one. */
  constructor(ground: TraceGround, root: Span, context: Context, startedAt: number) {
    const { traceId, spanId, traceFlags, traceState } = root.spanContext();
    this.#ground = ground;
    this.#root = root;
    this.#context = context;
    this.#startedAt = startedAt;
    this.traceId = traceId;
    this.spanId = spanId;
    this.isSampled = (traceFlags & ground.api.TraceFlags.SAMPLED) !== 0;
    this.state = traceState?.serialize();
  }

  depart(call: Departure, startMs: number): string | undefined {
    if (!this.#ground.tellsUpstreams) return undefined;
    if (!this.isSampled) return this.spanId;
    let parent = this.#root;
    if (call === 'attempt') {
      this.#call ??= this.#start('llm:call', 'internal', startMs, this.#root);
      parent = this.#call;
    }
    const span = this.#start(call, 'client', startMs, parent);
    const { spanId } = span.spanContext();
    this.#departed ??= new Map();
    this.#departed.set(spanId, span);
    return spanId;
  }

  /** Whether spans of the request are written at all. */
  get isRecording(): boolean {
    return this.#root.isRecording();
  }

  /** The span of the model call; attempts are written below it. */
  writeCall(facts: SpanFacts): Span {
    const span = this.#call ?? this.#start(facts.name, facts.kind, facts.startMs, this.#root);
    this.#call = undefined;
    return this.#complete(span, facts);
  }

  /** Writes a span that is over; one that left under `spanId` is completed. */
  write(facts: SpanFacts, parent: Span = this.#root, spanId?: string): Span {
    const departed = spanId === undefined ? undefined : this.#departed?.get(spanId);
    if (departed !== undefined && spanId !== undefined) this.#departed?.delete(spanId);
    return this.#complete(departed ?? this.#start(facts.name, facts.kind, facts.startMs, parent), facts);
  }

  /** Ends the request's own span, and what has left without anybody saying what became of it. */
  end(name: string, attributes: Attributes, failed: boolean, endMs: number): void {
    const facts = { kind: 'client', startMs: 0, endMs, attributes: {}, failed: false } as const;
    if (this.#call !== undefined) this.writeCall({ ...facts, name: 'llm:call' });
    for (const span of this.#departed?.values() ?? []) this.#complete(span, { ...facts, name: 'llm:attempt' });
    this.#departed = undefined;
    this.#complete(this.#root, { ...facts, name, attributes, failed });
  }

  #start(name: string, kind: SpanFacts['kind'], startMs: number, parent: Span): Span {
    const { api, tracer } = this.#ground;
    const options = {
      kind: kind === 'client' ? api.SpanKind.CLIENT : api.SpanKind.INTERNAL,
      startTime: this.#startedAt + startMs,
    };
    return tracer.startSpan(name, options, api.trace.setSpan(this.#context, parent));
  }

  #complete(span: Span, { name, attributes, endMs, failed }: SpanFacts): Span {
    span.updateName(name);
    span.setAttributes(attributes);
    if (failed) span.setStatus({ code: this.#ground.api.SpanStatusCode.ERROR });
    span.end(this.#startedAt + endMs);
    return span;
  }
}

/** A caller's place in a trace, as the API has it. */
export function remoteContext(api: TraceApi, { state, traceId, spanId, traceFlags }: Inbound): SpanContext {
  return {
    traceId,
    spanId,
    traceFlags,
    isRemote: true,
    ...(state === undefined ? {} : { traceState: api.createTraceState(state) }),
  };
}
