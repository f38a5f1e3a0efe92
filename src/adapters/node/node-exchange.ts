import { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Exchange, type HostFacts, NexusError } from '../../core/index.ts';

/** Where a body parser that read the request before us left what it found: Express's `req`, Koa's `ctx.request`. */
export interface ParsedBody {
  body?: unknown;
  rawBody?: unknown;
}

/** An `IncomingMessage` as an exchange, without a Web object in between. */
export class NodeExchange implements Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly host: HostFacts;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #parsed: ParsedBody;
  #bytes: Promise<Uint8Array> | undefined;
  #closeListeners: (() => void)[] | undefined;

  /** `url` is the request's path and query below the mount; `raw` is what the host calls its request. */
  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    url: string,
    mountPath: string,
    raw: object = request,
    parsed: ParsedBody = request as ParsedBody,
  ) {
    const mark = url.indexOf('?');
    this.method = request.method ?? 'GET';
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.query = mark < 0 ? '' : url.slice(mark + 1);
    this.host = new NodeHostFacts(request, mountPath, raw);
    this.#request = request;
    this.#response = response;
    this.#parsed = parsed;
  }

  header(name: string): string | undefined {
    const { headers } = this.#request;
    // HTTP/2 says it another way.
    const value = headers[name] ?? (name === 'host' ? headers[':authority'] : undefined);
    if (name === 'authorization' || name === 'proxy-authorization') return allLines(this.#request, name, value);
    return typeof value === 'string' || value === undefined ? value : value.join(', ');
  }

  headerNames(): Iterable<string> {
    return Object.keys(this.#request.headers);
  }

  bytes(limit: number): Promise<Uint8Array> {
    this.#bytes ??= readBody(this.#request, this.#parsed, limit);
    return this.#bytes;
  }

  get closed(): boolean {
    return this.#response.destroyed || (this.#response.closed && !this.#response.writableFinished);
  }

  onClose(listener: () => void): () => void {
    // The response has one listener for all: adding and removing them there costs more than they do.
    this.#closeListeners ??= this.#watchClose();
    const listeners = this.#closeListeners;
    listeners.push(listener);
    return () => {
      const at = listeners.indexOf(listener);
      if (at >= 0) listeners.splice(at, 1);
    };
  }

  #watchClose(): (() => void)[] {
    const listeners: (() => void)[] = [];
    const response = this.#response;
    response.on('close', () => {
      if (!response.writableFinished) for (const listener of listeners.splice(0)) listener();
    });
    return listeners;
  }
}

/** Addresses are looked up when somebody asks: few do. */
class NodeHostFacts implements HostFacts {
  readonly mountPath: string;
  readonly raw: object;
  readonly principal = undefined;
  readonly #request: IncomingMessage;

  constructor(request: IncomingMessage, mountPath: string, raw: object) {
    this.#request = request;
    this.mountPath = mountPath;
    this.raw = raw;
  }

  get remoteAddress(): string | undefined {
    return this.#request.socket.remoteAddress;
  }

  get localAddress(): string | undefined {
    return this.#request.socket.localAddress;
  }
}

/** Of credentials Node keeps the first line and drops the others; whoever judges them must see that there were several. */
function allLines(
  { rawHeaders }: IncomingMessage,
  name: string,
  first: string | string[] | undefined,
): string | undefined {
  if (first === undefined) return undefined;
  const lines: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const line = rawHeaders[i];
    if (line?.length === name.length && line.toLowerCase() === name) lines.push(rawHeaders[i + 1] ?? '');
  }
  // A middleware may have set it.
  return lines.length > 1 ? lines.join(', ') : String(first);
}

function readBody(request: IncomingMessage, parsed: ParsedBody, limit: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    if (request.readableEnded || parsed.body instanceof Uint8Array) return resolve(readParsed(request, parsed, limit));
    if (Number(request.headers['content-length']) > limit) return reject(tooLarge(limit));
    // Its events are over: nobody would tell us.
    if (request.destroyed) return reject(clientLeft());
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
      if (!request.complete) reject(clientLeft());
    });
    request.on('error', ignore);
  });
}

/** What an error means, `close` tells. */
function ignore(): void {}

/** A body another middleware has read: its raw bytes where it kept them, else its value as JSON. */
function readParsed(request: IncomingMessage, { body, rawBody }: ParsedBody, limit: number): Uint8Array {
  let bytes: Uint8Array | undefined;
  if (rawBody instanceof Uint8Array) bytes = rawBody;
  else if (typeof rawBody === 'string') bytes = Buffer.from(rawBody);
  else if (body instanceof Uint8Array) bytes = body;
  else if (typeof body === 'string') bytes = Buffer.from(body);
  else if (body !== undefined && body !== null) bytes = Buffer.from(JSON.stringify(body));
  if (bytes === undefined) {
    // A request without a body has been read to its end as well.
    if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined) {
      return new Uint8Array();
    }
    throw new NexusError('internal', 'Internal server error', {
      cause: new Error('Another middleware read the request body and kept nothing of it in its body'),
    });
  }
  if (bytes.byteLength > limit) throw tooLarge(limit);
  return bytes;
}

function clientLeft(): NexusError {
  return new NexusError('client_closed', 'The client left before its request was complete');
}

function tooLarge(limit: number): NexusError {
  return new NexusError('payload_too_large', `The request body is larger than ${limit} bytes`);
}
