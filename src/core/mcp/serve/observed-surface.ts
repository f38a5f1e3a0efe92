// What clients of a URL ask, written into the record of the HTTP request that brought it. The surface below adds what only
// it knows: which server was asked, and by which of its own names.
import type { McpOperation } from '../../exchange/mcp-operation.ts';
import type { RequestRecord } from '../../exchange/record.ts';
import { traceparent } from '../../exchange/trace.ts';
import type { CallContext, Caller } from '../caller.ts';
import type { FeedChange } from '../catalogue/change-feed.ts';
import type { JsonObject } from '../wire/json-rpc.ts';
import type { MirroredParam } from '../wire/param-headers.ts';
import { observe } from './observed-call.ts';
import type { Description, Surface } from './surface.ts';

export class ObservedSurface implements Surface {
  readonly key: string;
  readonly serverInfo: JsonObject;
  readonly #surface: Surface;
  readonly #elapsed: () => number;

  /** `elapsed` is the clock that records count from. */
  constructor(surface: Surface, elapsed: () => number) {
    this.key = surface.key;
    this.serverInfo = surface.serverInfo;
    this.#surface = surface;
    this.#elapsed = elapsed;
  }

  request(method: string, params: JsonObject, call: CallContext): Promise<JsonObject> {
    const { record } = call;
    if (record === undefined) return this.#surface.request(method, params, call);
    const elapsed = this.#elapsed;
    return observe(record, method, elapsed, (operation) => {
      const trace = tellServers(record, operation);
      return this.#surface.request(method, params, { ...call, observed: { record, operation, elapsed }, trace });
    });
  }

  describe(caller: Caller): Promise<Description> {
    return this.#surface.describe(caller);
  }

  mirrored(tool: string, caller: Caller): Promise<readonly MirroredParam[]> {
    return this.#surface.mirrored(tool, caller);
  }

  watch(uri: string, caller: Caller): Promise<() => void> {
    return this.#surface.watch(uri, caller);
  }

  listen(listener: (change: FeedChange) => void): () => void {
    return this.#surface.listen(listener);
  }

  notify(method: string, params: JsonObject, caller: Caller): void {
    this.#surface.notify(method, params, caller);
  }

  setLogLevel(level: string): void {
    this.#surface.setLogLevel(level);
  }
}

function tellServers({ trace }: RequestRecord, operation: McpOperation): CallContext['trace'] {
  operation.spanId = trace?.depart('operation', operation.startMs);
  if (trace === undefined || operation.spanId === undefined) return undefined;
  const { state } = trace;
  return {
    traceparent: traceparent(trace, operation.spanId),
    ...(state === undefined ? {} : { tracestate: state }),
  };
}
