// What clients of a URL ask, written into the record of the request that brought it. The surface below adds what only
// it knows: which server was asked, and by which of its own names.
import type { CallContext, Caller } from '../caller.ts';
import type { FeedChange } from '../catalogue/change-feed.ts';
import type { JsonObject } from '../wire/json-rpc.ts';
import type { MirroredParam } from '../wire/param-headers.ts';
import { observed } from './observed-call.ts';
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
    return observed(method, call, this.#elapsed, (one) => this.#surface.request(method, params, one));
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
