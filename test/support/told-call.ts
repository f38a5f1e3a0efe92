import type {
  Transport,
  UpstreamCall,
  UpstreamHeaders,
  UpstreamReceiver,
  UpstreamRequest,
} from '../../src/core/http/transport.ts';

type Event = 'head' | 'data' | 'end' | 'error';

/** What else is done when a call is told something. */
type Reaction = (told: ToldCall) => void;

/** A call to an upstream, and all that was told of it. */
export class ToldCall implements UpstreamReceiver {
  readonly call: UpstreamCall;
  /** What was told, in order; data that came in pieces stands once. */
  readonly events: Event[] = [];
  readonly data: Buffer[] = [];
  status: number | undefined;
  headers: UpstreamHeaders = {};
  error: unknown;
  /** Fulfilled by the first of `onEnd` and `onError`, as soon as its connection can be used again. */
  readonly over: Promise<this>;
  readonly #reactions: Partial<Record<Event, Reaction>>;
  #finish: () => void = () => {};

  constructor(
    transport: Transport,
    request: Partial<UpstreamRequest> & Pick<UpstreamRequest, 'origin'>,
    reactions: Partial<Record<Event, Reaction>> = {},
  ) {
    this.#reactions = reactions;
    this.over = new Promise((resolve) => {
      // The connection is looked at before: two turns of immediates, and one to be behind them.
      this.#finish = () => setImmediate(() => setImmediate(() => setImmediate(() => resolve(this))));
    });
    this.call = transport.send({ method: 'GET', path: '/', headers: [], body: null, ...request }, this);
  }

  get text(): string {
    return Buffer.concat(this.data).toString();
  }

  /** `code` of the error it ended with. */
  get code(): unknown {
    return (this.error as { code?: unknown } | undefined)?.code;
  }

  onHead(status: number, headers: UpstreamHeaders): void {
    this.status = status;
    this.headers = headers;
    this.#tell('head');
  }

  onData(chunk: Buffer): void {
    this.data.push(chunk);
    this.#tell('data');
  }

  onEnd(): void {
    this.#finish();
    this.#tell('end');
  }

  onError(error: unknown): void {
    this.error = error;
    this.#finish();
    this.#tell('error');
  }

  #tell(event: Event): void {
    if (event !== 'data' || this.events.at(-1) !== 'data') this.events.push(event);
    this.#reactions[event]?.(this);
  }
}
