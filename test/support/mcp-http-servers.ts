/*
 * Real MCP servers over HTTP on loopback, of both lines of the SDK, which note what reaches them.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import type { McpServer as LegacyMcpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createMcpHandler, type McpHttpHandler, type McpServerFactory } from '@modelcontextprotocol/server';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body:
    | { readonly method?: string; readonly id?: unknown; readonly params?: Record<string, unknown> }
    | undefined;
  readonly text: string;
}

export interface HttpServer extends AsyncDisposable {
  readonly origin: string;
  readonly port: number;
  readonly seen: SeenRequest[];
}

/** Answers a request, of which the body has been read. */
export type Handle = (request: SeenRequest, req: IncomingMessage, res: ServerResponse) => void | Promise<void>;

/** `port` 0: any free one. */
export async function serve(handle: Handle, port = 0): Promise<HttpServer> {
  const seen: SeenRequest[] = [];
  const listener: RequestListener = async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const request = {
      method: req.method ?? '',
      path: req.url ?? '',
      headers: req.headers,
      text,
      body: req.headers['content-type'] === 'application/json' && text !== '' ? JSON.parse(text) : undefined,
    };
    seen.push(request);
    try {
      await handle(request, req, res);
    } catch {
      res.destroy();
    }
  };
  const server: Server = createServer(listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: taken } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${taken}`,
    port: taken,
    seen,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** A server of SDK v2: modern, and legacy without sessions unless `legacy` is `reject`. */
export async function serveModern(
  factory: McpServerFactory,
  options: { legacy?: 'stateless' | 'reject'; before?: (request: SeenRequest, res: ServerResponse) => boolean } = {},
): Promise<HttpServer & { readonly handler: McpHttpHandler }> {
  const handler = createMcpHandler(factory, { legacy: options.legacy ?? 'stateless' });
  const server = await serve(async (seen, _req, res) => {
    if (options.before?.(seen, res) === true) return;
    await answerWith(handler.fetch, seen, res);
  });
  const dispose = server[Symbol.asyncDispose];
  return {
    ...server,
    handler,
    async [Symbol.asyncDispose]() {
      await handler.close();
      await dispose();
    },
  };
}

/** A server of SDK v1, with sessions. `forget` is a restart as clients see it. */
export async function serveLegacy(
  factory: () => LegacyMcpServer,
  options: { before?: (request: SeenRequest, res: ServerResponse) => boolean; port?: number } = {},
): Promise<HttpServer & { readonly forget: () => void; readonly sessions: () => number }> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const server = await serve(async (seen, req, res) => {
    if (options.before?.(seen, res) === true) return;
    const id = seen.headers['mcp-session-id'];
    let transport = typeof id === 'string' ? sessions.get(id) : undefined;
    if (transport === undefined && id !== undefined) {
      res.writeHead(404, { 'content-type': 'application/json' });
      res.end('{"jsonrpc":"2.0","error":{"code":-32001,"message":"Session not found"},"id":null}');
      return;
    }
    if (transport === undefined) {
      const created: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (session) => {
          sessions.set(session, created);
        },
        onsessionclosed: (session) => {
          sessions.delete(session);
        },
      });
      transport = created;
      await factory().connect(created as Parameters<LegacyMcpServer['connect']>[0]);
    }
    await transport.handleRequest(req, res, seen.body);
  }, options.port ?? 0);
  return {
    ...server,
    sessions: () => sessions.size,
    forget: () => {
      for (const transport of sessions.values()) void transport.close();
      sessions.clear();
    },
  };
}

async function answerWith(
  fetch: (request: Request) => Promise<Response>,
  seen: SeenRequest,
  res: ServerResponse,
): Promise<void> {
  const leaving = new AbortController();
  res.once('close', () => leaving.abort());
  const headers = new Headers();
  for (const [name, value] of Object.entries(seen.headers)) if (typeof value === 'string') headers.set(name, value);
  const url = `http://${headers.get('host')}${seen.path}`;
  const body = seen.method === 'POST' ? seen.text : null;
  const response = await fetch(new Request(url, { method: seen.method, headers, body, signal: leaving.signal }));
  res.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) {
    res.end();
    return;
  }
  const stream = Readable.fromWeb(response.body as NodeReadableStream<Uint8Array>);
  stream.on('error', () => res.destroy());
  res.once('close', () => stream.destroy());
  res.flushHeaders();
  stream.pipe(res);
}
