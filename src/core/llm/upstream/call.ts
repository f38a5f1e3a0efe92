import { Buffer } from 'node:buffer';
import { fromUnknown } from '../../errors/from-unknown.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Evidence, Measured } from '../../exchange/evidence.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { RequestRecord } from '../../exchange/record.ts';
import type { ByteSink, ByteStream, Reply } from '../../exchange/reply.ts';
import type { Usage } from '../../exchange/usage.ts';
import { json } from '../../http/respond.ts';
import { clientHeaders } from '../../http/response-headers.ts';
import type {
  Transport,
  UpstreamCall,
  UpstreamHeaders,
  UpstreamReceiver,
  UpstreamRequest,
} from '../../http/transport.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Deadlines } from '../providers/deadlines.ts';
import { type Ending, measure } from './bill.ts';
import { classifyAnswer, classifyFailure } from './classify.ts';
import type { Delivery, StreamDelivery } from './delivery.ts';
import type { InFlight, Running } from './in-flight.ts';

const WHOLE_LIMIT = 32 * 1024 * 1024;
const ERROR_LIMIT = 256 * 1024;
/** One event may hold a whole picture. */
const HELD_LIMIT = WHOLE_LIMIT;

export interface CallOptions {
  readonly exchange: Exchange;
  readonly record: RequestRecord;
  /** Closes the record of a streamed answer. */
  readonly seal: () => void;
  readonly transport: Transport;
  readonly runtime: Runtime;
  readonly request: UpstreamRequest;
  readonly delivery: Delivery;
  readonly deadlines: Deadlines;
  /** When the deadline of the whole began to count, on the monotonic clock: for calls that share it. Default: now. */
  readonly startedAt?: number | undefined;
  readonly stream: boolean;
  /** The key that is sent, so that it can be kept out of what comes back. */
  readonly secret: string;
  /** The key is the caller's own: a refusal of it is the caller's business. */
  readonly forwarded: boolean;
  /** Calls in flight; the call adds and removes itself. */
  readonly inFlight: InFlight<Running>;
}

/** Whoever makes a call, and is told once what became of it. */
export interface CallOwner {
  /** The commit point is reached. */
  answered(reply: Reply): void;
  /** The call is over, and nothing of it has left. */
  failed(error: NexusError): void;
  /** The call is over, after `answered` and its stream, or before `failed`; `error` where it went wrong. */
  ended?(error: NexusError | undefined): void;
  /** A stream has no content yet. Told again and again, as often as deadlines are looked at. */
  waiting?(now: number): void;
}

/**
 * One call to an upstream and its answer's way to the client.
 *
 * Until the commit point (the first content-bearing byte of a stream, the last byte of a whole answer) nothing has left
 * and every failure rejects `run`. From then on the call is the reply's body: bytes go through, and a failure becomes
 * the client protocol's own error event. Deadlines, the client's leaving and a shutdown end it in any state.
 */
export class Call implements UpstreamReceiver, ByteStream, Running, Evidence {
  slot = -1;
  readonly #options: CallOptions;
  /** When all attempts began, and when this one did. */
  readonly #startedAt: number;
  #sentAt = 0;
  #lastByteAt = 0;
  #forgetClose: (() => void) | undefined;
  #owner: CallOwner | undefined;
  #upstream: UpstreamCall | undefined;
  #status = 0;
  #headers: UpstreamHeaders = {};
  #stream: StreamDelivery | undefined;
  /** Whole answers: what has come. Streams: what may not leave yet. */
  #chunks: (Buffer | string)[] = [];
  #size = 0;
  #committed = false;
  #over = false;
  #sink: ByteSink | undefined;
  #paused = false;
  #ending: Ending = 'failed';
  /** A whole answer that did not say what it cost, until somebody asks. */
  #unmeasured: Buffer | undefined;
  /** What the provider reported; the record may go on to another call. */
  #usage: Usage | undefined;

  constructor(options: CallOptions) {
    this.#options = options;
    this.#startedAt = options.startedAt ?? options.runtime.elapsed();
  }

  /** HTTP status the provider answered with; 0 before there is one. */
  get upstreamStatus(): number {
    return this.#status;
  }

  /** Headers of the provider's answer; none before there are some. */
  get upstreamHeaders(): UpstreamHeaders {
    return this.#headers;
  }

  /** Whether a call that failed has to be paid for all the same. */
  get isBilled(): boolean {
    return this.#ending !== 'failed' || this.#stream?.content === true;
  }

  /** Sends the request. Rejects with a `NexusError` for whatever happens before the commit point. */
  run(): Promise<Reply> {
    return new Promise<Reply>((answered, failed) => this.send({ answered, failed }));
  }

  /** The same without a promise; the owner may be told before this returns. */
  send(owner: CallOwner): void {
    const { exchange, inFlight, runtime, transport, request } = this.#options;
    this.#owner = owner;
    if (exchange.closed) {
      this.#over = true;
      owner.ended?.(undefined);
      owner.failed(clientClosed());
      return;
    }
    this.#sentAt = runtime.elapsed();
    inFlight.add(this);
    this.#forgetClose = exchange.onClose(() => this.cancel());
    try {
      this.#upstream = transport.send(request, this);
    } catch (thrown) {
      // Nobody above could tell whose call it was: attempts may begin in a timer.
      this.fail(fromUnknown(thrown));
      return;
    }
    if (this.#over) this.#upstream.abort();
  }

  // What the upstream does.

  onHead(status: number, headers: UpstreamHeaders): void {
    this.#status = status;
    this.#headers = headers;
    if (this.#options.stream && status >= 200 && status < 300) this.#stream = this.#options.delivery.openStream();
  }

  onData(chunk: Buffer): void {
    if (this.#over) return;
    this.#lastByteAt = this.#options.runtime.elapsed();
    if (this.#stream === undefined) this.#collect(chunk);
    else this.#relay(this.#stream, this.#stream.push(chunk));
  }

  onEnd(): void {
    if (this.#over) return;
    if (this.#stream === undefined) this.#finishWhole();
    else {
      this.#relay(this.#stream, this.#stream.end());
      if (!this.#over) this.#close(undefined);
    }
  }

  onError(error: unknown): void {
    if (!this.#endWell()) this.fail(classifyFailure(error));
  }

  // What the client's side does.

  start(sink: ByteSink): void {
    this.#sink = sink;
    const held = this.#chunks;
    this.#chunks = [];
    if (held.length > 0) sink.write(join(held));
    if (this.#over) sink.end();
    else if (this.#paused) this.resume();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#lastByteAt = this.#options.runtime.elapsed();
    this.#upstream?.resume();
  }

  /** The client has left: the upstream is let go at once. */
  cancel(): void {
    if (this.#over) return;
    this.#upstream?.abort();
    if (this.#upstream !== undefined) this.#ending = 'cancelled';
    if (!this.#committed) this.#options.record.status = 499;
    this.#close(clientClosed());
  }

  /** Ends the call with an error: as a rejection before the commit point, in the stream after it. */
  fail(error: NexusError): void {
    if (this.#over) return;
    this.#upstream?.abort();
    // We let go of a call that was going well.
    if (error.code === 'shutting_down' && this.#upstream !== undefined) this.#ending = 'cancelled';
    if (this.#committed && this.#stream?.failureSent !== true) {
      const { delivery, record } = this.#options;
      const said = this.#stream?.encodeFailure?.(error, record.id) ?? delivery.encodeErrorEvent(error, record.id);
      this.#write(said);
    }
    this.#close(error);
  }

  /** A stream that had come to its end before its connection broke is whole. */
  #endWell(): boolean {
    const stream = this.#stream;
    if (this.#over || stream === undefined || !this.#committed) return false;
    const out = stream.end();
    if (out !== undefined && (stream.failure === undefined || stream.failureSent)) this.#write(out);
    if (stream.failure !== undefined) return false;
    this.#close(undefined);
    return true;
  }

  #collect(chunk: Buffer): void {
    this.#size += chunk.length;
    const succeeded = this.#status < 300;
    const wholeLimit = this.#options.delivery.wholeLimit ?? WHOLE_LIMIT;
    if (this.#size <= (succeeded ? wholeLimit : ERROR_LIMIT)) this.#chunks.push(chunk);
    else if (succeeded)
      this.fail(new NexusError('upstream_invalid', `The provider's answer is larger than ${wholeLimit} bytes`));
    else {
      // Enough of an error to read it; the rest is not worth waiting for.
      this.#upstream?.abort();
      this.#finishWhole();
    }
  }

  #finishWhole(): void {
    const { delivery, forwarded, record, runtime, secret } = this.#options;
    const bytes = join(this.#chunks) as Buffer;
    if (this.#status < 200 || this.#status >= 300) {
      this.fail(classifyAnswer(this.#status, this.#headers, bytes, { delivery, secret, forwarded }));
      return;
    }
    try {
      const answer = delivery.whole(bytes, this.#headers);
      record.responseModel = answer.responseModel || undefined;
      record.usage = answer.usage;
      record.finishReason = answer.finish;
      this.#ending = 'whole';
      if (answer.usage === undefined) this.#unmeasured = bytes;
      record.firstContentMs = (this.#lastByteAt || runtime.elapsed()) - this.#startedAt;
      const reply = json(200, answer.body, clientHeaders(this.#headers));
      const { dropped } = answer;
      if (dropped !== undefined && dropped.length > 0) {
        record.dropped = [...record.dropped, ...dropped];
        reply.headers.push('x-nexus-dropped', [...new Set(dropped)].join(', '));
      }
      this.#release();
      this.#owner?.answered(reply);
      this.#owner?.ended?.(undefined);
    } catch (error) {
      this.fail(NexusError.is(error) ? error : unreadable(error));
    }
  }

  #relay(stream: StreamDelivery, out: Buffer | string | undefined): void {
    if (out !== undefined) this.#write(out);
    if (stream.failure !== undefined) this.fail(stream.failure);
    else if (!this.#committed && stream.content) this.#commit();
  }

  #commit(): void {
    const { record, runtime } = this.#options;
    this.#committed = true;
    record.status = 200;
    record.firstContentMs = runtime.elapsed() - this.#startedAt;
    const headers = clientHeaders(this.#headers);
    headers.push('content-type', 'text/event-stream; charset=utf-8', 'cache-control', 'no-cache');
    this.#owner?.answered({ status: 200, headers, body: this });
  }

  #write(out: Buffer | string): void {
    if (this.#sink !== undefined) {
      if (!this.#sink.write(out)) this.#pause();
      return;
    }
    this.#chunks.push(out);
    // Committed but not yet taken up by the host: the upstream waits. Before that, what is held has a bound.
    if (this.#committed) this.#pause();
    else {
      this.#size += out.length;
      if (this.#size > HELD_LIMIT)
        this.fail(new NexusError('upstream_invalid', 'The provider sent a stream without content'));
    }
  }

  #pause(): void {
    if (this.#paused || this.#over) return;
    this.#paused = true;
    this.#upstream?.pause();
  }

  #close(error: NexusError | undefined): void {
    const { record, seal } = this.#options;
    record.responseModel = this.#stream?.responseModel || undefined;
    record.usage = this.#stream?.usage ?? record.usage;
    record.finishReason = this.#stream?.finish;
    if (error === undefined && this.#stream !== undefined) this.#ending = 'whole';
    this.#release();
    if (!this.#committed) {
      const failure = error ?? new NexusError('upstream_invalid', 'The provider sent an empty stream');
      this.#owner?.ended?.(failure);
      this.#owner?.failed(failure);
      return;
    }
    this.#owner?.ended?.(error);
    record.error = error?.code;
    if (error?.code !== 'client_closed') this.#sink?.end();
    seal();
  }

  #release(): void {
    this.#over = true;
    this.#usage = this.#options.record.usage;
    this.#forgetClose?.();
    this.#options.inFlight.remove(this);
  }

  checkDeadlines(now: number): void {
    const { deadlines, stream } = this.#options;
    const age = now - this.#startedAt;
    if (age >= deadlines.total) {
      this.#expire(`The provider's answer took longer than ${deadlines.total} ms`);
    } else if (stream && !this.#committed) {
      if (now - this.#sentAt >= deadlines.firstByte) {
        this.#expire(`The provider sent no content within ${deadlines.firstByte} ms`);
      } else this.#owner?.waiting?.(now);
    } else if (
      this.#lastByteAt === 0 &&
      now - this.#sentAt >= (deadlines.firstByteOfWhole ?? Number.POSITIVE_INFINITY)
    ) {
      this.#expire(`The provider sent nothing within ${deadlines.firstByteOfWhole} ms`);
    } else if (this.#lastByteAt > 0 && !this.#paused && now - this.#lastByteAt >= deadlines.idle) {
      // A paused upstream is silent because the client is slow.
      this.#expire(`The provider went silent for ${deadlines.idle} ms`);
    }
  }

  /** The provider has the request, and may well be working on it. */
  #expire(message: string): void {
    this.#ending = 'expired';
    this.fail(new NexusError('upstream_timeout', message));
  }

  measure(): Measured | undefined {
    const { delivery, request } = this.#options;
    return measure({
      ending: this.#ending,
      delivery,
      usage: this.#usage,
      stream: this.#stream,
      whole: this.#unmeasured,
      request: request.body,
    });
  }
}

function join(chunks: (Buffer | string)[]): Buffer | string {
  const first = chunks[0];
  if (chunks.length === 1 && first !== undefined) return first;
  return Buffer.concat(chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)));
}

function clientClosed(): NexusError {
  return new NexusError('client_closed', 'The client left before the answer was complete');
}

function unreadable(cause: unknown): NexusError {
  return new NexusError('upstream_invalid', 'The provider sent an answer that cannot be read', { cause });
}
