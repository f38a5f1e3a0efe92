// One call of a client while it runs: its deadline, its cancellation, and the clock that stands still while the client
// is asked something.
import type { CallContext } from '../caller.ts';
import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { CODES } from '../wire/revision.ts';
import { REQUEST_TIMEOUT } from './link-failure.ts';

export class OngoingCall {
  readonly context: CallContext;
  readonly #controller = new AbortController();
  readonly #onAbort = (): void => this.#controller.abort(new JsonRpcError(CODES.internal, 'The call was cancelled'));
  #left: number;
  #since: number;
  #timer: NodeJS.Timeout | undefined;
  #asking = 0;

  /** `timeout` in milliseconds. */
  constructor(context: CallContext, timeout: number) {
    this.context = context;
    this.#left = timeout;
    this.#since = performance.now();
    if (context.signal.aborted) this.#onAbort();
    else {
      context.signal.addEventListener('abort', this.#onAbort, { once: true });
      this.#run();
    }
  }

  /** Aborted with the `JsonRpcError` the call ends with. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Asks the client on behalf of the server. A person may answer, so the call's time does not run meanwhile. */
  async ask(method: string, params: JsonObject, signal: AbortSignal): Promise<JsonObject> {
    const { ask } = this.context;
    if (ask === undefined) throw new JsonRpcError(CODES.methodNotFound, 'The client of this call cannot be asked');
    if (this.#asking++ === 0) this.#pause();
    try {
      return await ask(method, params, AbortSignal.any([signal, this.signal]));
    } finally {
      if (--this.#asking === 0) this.#run();
    }
  }

  /** To be called when the call is over, however it ended. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#left = 0;
    this.context.signal.removeEventListener('abort', this.#onAbort);
  }

  #run(): void {
    if (this.#left <= 0 || this.signal.aborted) return;
    this.#since = performance.now();
    this.#timer = setTimeout(() => {
      this.#controller.abort(new JsonRpcError(REQUEST_TIMEOUT, 'The MCP server did not answer in time'));
    }, this.#left);
  }

  #pause(): void {
    clearTimeout(this.#timer);
    this.#left = Math.max(1, this.#left - (performance.now() - this.#since));
  }
}
