/** What leaves: an attempt of a model call, or an operation of an MCP client. */
export type Departure = 'attempt' | 'operation';

/**
 * Where a request stands in a distributed trace. Made only where tracing is on, sampled or not: the trace goes on
 * through us either way.
 */
export interface Trace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits: the request's own span. */
  readonly spanId: string;
  readonly isSampled: boolean;
  /** What other vendors keep beside the trace, as it came in `tracestate`. */
  readonly state: string | undefined;
  /**
   * Opens the span of a call to an upstream, `startMs` after the request began, and gives its id; `undefined` where
   * upstreams are told nothing. Whoever writes the spans of the request completes it.
   */
  depart(call: Departure, startMs: number): string | undefined;
}

/** What a log line says of the request it belongs to. */
export function traceFields(trace: Trace | undefined): Readonly<Record<string, string | boolean>> {
  return trace === undefined ? {} : { traceId: trace.traceId, spanId: trace.spanId, traceSampled: trace.isSampled };
}

/** Header names and values in turn, with the trace in the place of one that may stand there. */
export function tracedHeaders(headers: readonly string[], trace: Trace, spanId: string): readonly string[] {
  const traced: string[] = [];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? '';
    if (name !== 'traceparent' && name !== 'tracestate') traced.push(name, headers[at + 1] ?? '');
  }
  traced.push('traceparent', traceparent(trace, spanId));
  if (trace.state !== undefined) traced.push('tracestate', trace.state);
  return traced;
}

/** The value of `traceparent` for a call that left in this span (W3C Trace Context, version 00). */
export function traceparent({ traceId, isSampled }: Trace, spanId: string): string {
  return `00-${traceId}-${spanId}-0${isSampled ? 1 : 0}`;
}
