// A reply in Koa's own terms. What is used of Koa stands here as a shape, so that nothing of it is loaded or compiled.
import { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isByteStream, type Reply } from '../../core/index.ts';
import { ReplyStream } from './reply-stream.ts';

/** What Nexus uses of a Koa context. */
export interface KoaContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly request: object;
  /** The URL as it came; `req.url` is below the mount. */
  readonly originalUrl: string;
  readonly respond?: boolean;
  status: number;
  body: unknown;
  append(field: string, value: string): void;
  set(field: string, value: string): void;
  remove(field: string): void;
}

/** `koa-compress` asks for this; typed apart, because contexts are not declared with it. */
type MaybeCompressed = KoaContext & { compress?: unknown };

/** What stands before the path below the mount. Routers and `koa-mount` shorten `req.url` and leave `originalUrl`. */
export function mountPathOf(originalUrl: string, url: string): string {
  if (originalUrl === url || !originalUrl.endsWith(url)) return '';
  return originalUrl.slice(0, -url.length);
}

/** Leaves a reply in the context, for Koa to send when all middleware is done. */
export function respond(ctx: KoaContext, { status, headers, body }: Reply): void {
  const stream = isByteStream(body);
  if (ctx.res.destroyed || ctx.res.headersSent) {
    if (stream) body.cancel();
    return;
  }
  ctx.status = status;
  const hasType = setHeaders(ctx, headers);
  ctx.body = stream ? new ReplyStream(body) : toBuffer(body);
  // Koa guesses a type from the body where there is none; the reply knows better.
  if (!hasType) ctx.remove('content-type');
  if (!stream) return;
  // A compressor would hold events back until its block is full.
  (ctx as MaybeCompressed).compress = false;
  flushLonelyHead(ctx.res);
}

/**
 * Puts headers in the place of what middleware before us may have set; `vary` is what all of them say together. Returns
 * whether a content type was among them.
 */
function setHeaders(ctx: KoaContext, headers: readonly string[]): boolean {
  let hasType = false;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? '';
    const value = headers[i + 1] ?? '';
    if (name === 'content-type') hasType = true;
    if (name === 'vary' || isRepeated(headers, i)) ctx.append(name, value);
    else ctx.set(name, value);
  }
  return hasType;
}

/** Whether the name at `place` has come before. */
function isRepeated(headers: readonly string[], place: number): boolean {
  for (let i = 0; i < place; i += 2) if (headers[i] === headers[place]) return true;
  return false;
}

/** An empty text and not `null`, which Koa would turn into 204. */
function toBuffer(body: string | Uint8Array | null): string | Buffer {
  if (body === null || typeof body === 'string') return body ?? '';
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

/** The head leaves in one packet with the first chunk; alone when there is none yet. */
function flushLonelyHead(response: ServerResponse): void {
  response.once('pipe', () => {
    setImmediate(() => {
      if (!response.headersSent && !response.destroyed) response.flushHeaders();
    });
  });
}
