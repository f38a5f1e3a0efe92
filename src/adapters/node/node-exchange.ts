import { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Exchange, type HostFacts, NexusError } from '../../core/index.ts';

/** A request that a body parser may have read before us, as Express and its relatives mark it. */
type MaybeParsed = IncomingMessage & { body?: unknown; rawBody?: unknown };

/** An `IncomingMessage` as an exchange, without a Web object in between. */
export class NodeExchange implements Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly #request: MaybeParsed;
  readonly #response: ServerResponse;
  readonly #mountPath: string;
  #bytes: Promise<Uint8Array> | undefined;

  /** `url` is the request's path and query below the mount. */
  constructor(request: IncomingMessage, response: ServerResponse, url: string, mountPath: string) {
    const mark = url.indexOf('?');
    this.method = request.method ?? 'GET';
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.query = mark < 0 ? '' : url.slice(mark + 1);
    this.#request = request;
    this.#response = response;
    this.#mountPath = mountPath;
  }

  get host(): HostFacts {
    return {
      remoteAddress: this.#request.socket.remoteAddress,
      mountPath: this.#mountPath,
      raw: this.#request,
    };
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return typeof value === 'string' || value === undefined ? value : value.join(', ');
  }

  headerNames(): Iterable<string> {
    return Object.keys(this.#request.headers);
  }

  bytes(limit: number): Promise<Uint8Array> {
    this.#bytes ??= readBody(this.#request, limit);
    return this.#bytes;
  }

  get closed(): boolean {
    return this.#response.destroyed || (this.#response.closed && !this.#response.writableFinished);
  }

  onClose(listener: () => void): () => void {
    const response = this.#response;
    const onClose = (): void => {
      if (!response.writableFinished) listener();
    };
    response.on('close', onClose);
    return () => response.off('close', onClose);
  }
}

function readBody(request: MaybeParsed, limit: number): Promise<Uint8Array> {
  if (request.readableEnded || request.body instanceof Uint8Array) return Promise.resolve(readParsed(request, limit));
  if (Number(request.headers['content-length']) > limit) return Promise.reject(tooLarge(limit));
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined;
    let rest: Buffer[] | undefined;
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) reject(tooLarge(limit));
      else if (first === undefined) first = chunk;
      else if (rest === undefined) rest = [first, chunk];
      else rest.push(chunk);
    });
    request.on('end', () => resolve(rest === undefined ? (first ?? new Uint8Array()) : Buffer.concat(rest, size)));
    request.on('close', () => {
      if (!request.complete) reject(new NexusError('client_closed', 'The client left before its request was complete'));
    });
    request.on('error', () => {});
  });
}

/** A body another middleware has read: its raw bytes where it kept them, else its value as JSON. */
function readParsed(request: MaybeParsed, limit: number): Uint8Array {
  const { body, rawBody } = request;
  let bytes: Uint8Array | undefined;
  if (rawBody instanceof Uint8Array) bytes = rawBody;
  else if (body instanceof Uint8Array) bytes = body;
  else if (typeof body === 'string') bytes = Buffer.from(body);
  else if (body !== undefined && body !== null) bytes = Buffer.from(JSON.stringify(body));
  if (bytes === undefined) {
    // A request without a body has been read to its end as well.
    if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined) {
      return new Uint8Array();
    }
    throw new NexusError('internal', 'Internal server error', {
      cause: new Error('Another middleware read the request body and kept nothing of it in req.body'),
    });
  }
  if (bytes.byteLength > limit) throw tooLarge(limit);
  return bytes;
}

function tooLarge(limit: number): NexusError {
  return new NexusError('payload_too_large', `The request body is larger than ${limit} bytes`);
}
