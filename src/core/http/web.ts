import { NexusError } from '../errors/nexus-error.ts';
import type { Exchange, HostFacts } from '../exchange/exchange.ts';
import { type ByteStream, isByteStream, type Reply } from '../exchange/reply.ts';

const HIGH_WATER_MARK = 64 * 1024;

/** What a host knows of a Web `Request` that the request does not say. */
export interface WebHostFacts extends Partial<HostFacts> {
  /** The path below the mount. Default: that of the URL, which then begins with `mountPath`, or is nobody's. */
  readonly path?: string | undefined;
}

/** A Web `Request` as an exchange. */
export class WebExchange implements Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly host: HostFacts;
  readonly #request: Request;
  #bytes: Promise<Uint8Array> | undefined;

  constructor(request: Request, { path, mountPath = '', ...host }: WebHostFacts = {}) {
    const { pathname, search } = new URL(request.url);
    this.#request = request;
    this.method = request.method;
    this.path = path ?? (pathname.startsWith(mountPath) ? pathname.slice(mountPath.length) : '');
    this.query = search.slice(1);
    this.host = { raw: request, ...host, mountPath };
  }

  header(name: string): string | undefined {
    return this.#request.headers.get(name) ?? undefined;
  }

  headerNames(): Iterable<string> {
    return this.#request.headers.keys();
  }

  bytes(limit: number): Promise<Uint8Array> {
    this.#bytes ??= read(this.#request, limit);
    return this.#bytes;
  }

  get closed(): boolean {
    return this.#request.signal.aborted;
  }

  onClose(listener: () => void): () => void {
    const signal = this.#request.signal;
    if (signal.aborted) {
      listener();
      return () => {};
    }
    signal.addEventListener('abort', listener, { once: true });
    return () => signal.removeEventListener('abort', listener);
  }
}

async function read(request: Request, limit: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length')) > limit) throw tooLarge(limit);
  if (request.bodyUsed) throw new NexusError('invalid_request', 'The request body has already been read');
  const reader = request.body?.getReader();
  if (reader === undefined) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.byteLength;
      if (size > limit) {
        void reader.cancel().catch(() => {});
        throw tooLarge(limit);
      }
      chunks.push(value);
    }
  } catch (error) {
    if (request.signal.aborted) throw new NexusError('client_closed', 'The client left', { cause: error });
    throw error;
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
}

export function tooLarge(limit: number): NexusError {
  return new NexusError('payload_too_large', `The request body is larger than ${limit} bytes`);
}

/** A reply as a Web `Response`. An abort of `signal` breaks its body, as it does with a real `fetch`. */
export function toResponse(reply: Reply, signal: AbortSignal): Response {
  const { status, body } = reply;
  const headers = new Headers();
  for (let i = 0; i + 1 < reply.headers.length; i += 2)
    headers.append(reply.headers[i] ?? '', reply.headers[i + 1] ?? '');
  if (isByteStream(body)) {
    const events = headers.get('content-type')?.startsWith('text/event-stream') === true;
    return new Response(toReadableStream(body, signal, events), { status, headers });
  }
  return new Response(body as string | null, { status, headers });
}

const encoder = new TextEncoder();
/** Web hosts send the head with the first chunk: where there is none yet, an empty comment takes it along. */
const SILENCE = encoder.encode(':\n\n');

function toReadableStream(stream: ByteStream, signal: AbortSignal, events: boolean): ReadableStream<Uint8Array> {
  let breakOff = (): void => {};
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        breakOff = () => controller.error(signal.reason);
        signal.addEventListener('abort', breakOff, { once: true });
        let silent = true;
        stream.start({
          write(chunk) {
            silent = false;
            controller.enqueue(typeof chunk === 'string' ? encoder.encode(chunk) : chunk);
            return (controller.desiredSize ?? 0) > 0;
          },
          end() {
            silent = false;
            signal.removeEventListener('abort', breakOff);
            controller.close();
          },
        });
        if (silent && events) controller.enqueue(SILENCE);
      },
      pull() {
        stream.resume();
      },
      cancel() {
        signal.removeEventListener('abort', breakOff);
        stream.cancel();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: HIGH_WATER_MARK }),
  );
}
