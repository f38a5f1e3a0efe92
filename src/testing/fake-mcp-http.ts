// Streamable HTTP for a fake MCP server: sessions and a stream of their own for legacy clients, single requests for modern
// ones. Source: the chapter "Transports" of the specification, revisions 2025-11-25 and 2026-07-28.
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { FakeMcpDesk, Incoming, Outgoing } from './fake-mcp-desk.ts';
import { MODERN } from './fake-mcp-offer.ts';
import type { FakeMcpEra } from './fake-mcp-rule.ts';
import { isObject, type JsonObject, member } from './json-value.ts';
import { receive } from './received-request.ts';

/** Changes a client may hear of: the method, and the URI where it is about one resource. */
export interface Change {
  readonly method: string;
  readonly uri?: string;
}

/** The member of a modern client's filter that a change answers to. */
const FILTERS: ReadonlyMap<string, string> = new Map([
  ['notifications/tools/list_changed', 'toolsListChanged'],
  ['notifications/prompts/list_changed', 'promptsListChanged'],
  ['notifications/resources/list_changed', 'resourcesListChanged'],
]);
const NAMED: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
]);
const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';

interface Session {
  /** The stream for what belongs to no request. */
  stream: ServerResponse | undefined;
  /** What was told before there was one. */
  readonly waiting: JsonObject[];
  readonly watched: Set<unknown>;
}

export class FakeMcpHttp {
  readonly #desk: FakeMcpDesk;
  readonly #serves: ReadonlySet<FakeMcpEra>;
  readonly #sessions = new Map<string, Session>();
  readonly #listeners = new Set<(change: Change) => void>();

  constructor(desk: FakeMcpDesk, serves: ReadonlySet<FakeMcpEra>) {
    this.#desk = desk;
    this.#serves = serves;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /** Forgets the sessions, as a restart does: their clients get 404. */
  endSessions(): void {
    for (const { stream } of this.#sessions.values()) stream?.destroy();
    this.#sessions.clear();
  }

  tell(change: Change): void {
    for (const listener of this.#listeners) listener(change);
    const { method, uri } = change;
    const message = { jsonrpc: '2.0', method, ...(uri === undefined ? {} : { params: { uri } }) };
    for (const { stream, waiting, watched } of this.#sessions.values()) {
      if (uri !== undefined && !watched.has(uri)) continue;
      if (stream === undefined) waiting.push(message);
      else writeEvent(stream, message);
    }
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const entry = await receive(request);
    if (entry === undefined) return;
    const { method, path, headers, body } = entry;
    if (path.split('?', 1)[0] !== '/mcp') {
      sendStatus(response, 404);
      return;
    }
    const id = headers['mcp-session-id'];
    const session = typeof id === 'string' ? this.#sessions.get(id) : undefined;
    if (method === 'GET') {
      this.#stream(session, response);
      return;
    }
    if (method === 'DELETE') {
      if (typeof id === 'string') this.#sessions.delete(id);
      session?.stream?.destroy();
      sendStatus(response, session === undefined ? 404 : 200);
      return;
    }
    if (method !== 'POST') {
      sendStatus(response, 405);
      return;
    }
    if (!isObject(body)) {
      refuse(response, 400, undefined, -32700, 'Parse error');
      return;
    }
    const version = member(member(body['params'], '_meta'), VERSION_KEY);
    const era = version !== undefined || headers['mcp-protocol-version'] === MODERN ? 'modern' : 'legacy';
    if (!this.#serves.has(era)) {
      this.#refuseEra(response, body['id'], era);
      return;
    }
    if (era === 'modern') {
      await this.#modern(body, headers, response);
      return;
    }
    await this.#legacy(body, headers, typeof id === 'string' ? id : undefined, session, response);
  }

  async #legacy(
    message: JsonObject,
    headers: IncomingHttpHeaders,
    id: string | undefined,
    session: Session | undefined,
    response: ServerResponse,
  ): Promise<void> {
    const opens = message['method'] === 'initialize' && id === undefined;
    if (!opens && id === undefined) {
      refuse(response, 400, message['id'], -32000, 'Bad Request: no session');
      return;
    }
    if (!opens && session === undefined) {
      refuse(response, 404, message['id'], -32001, 'Session not found');
      return;
    }
    if (message['id'] === undefined || message['method'] === undefined) {
      if (message['method'] !== undefined) this.#desk.hear(this.#incoming(message, 'legacy', headers, id, response));
      sendStatus(response, 202);
      return;
    }
    const uri = member(message['params'], 'uri');
    if (message['method'] === 'resources/subscribe') session?.watched.add(uri);
    if (message['method'] === 'resources/unsubscribe') session?.watched.delete(uri);
    const outgoing = await this.#desk.answer(this.#incoming(message, 'legacy', headers, id, response));
    if (!opens || outgoing.message?.['error'] !== undefined) {
      send(response, outgoing);
      return;
    }
    const opened = randomUUID();
    this.#sessions.set(opened, { stream: undefined, waiting: [], watched: new Set() });
    send(response, { ...outgoing, headers: { ...outgoing.headers, 'mcp-session-id': opened } });
  }

  async #modern(message: JsonObject, headers: IncomingHttpHeaders, response: ServerResponse): Promise<void> {
    const { id, method, params } = message;
    const incoming = this.#incoming(message, 'modern', headers, undefined, response);
    if (id === undefined) {
      this.#desk.hear(incoming);
      sendStatus(response, 202);
      return;
    }
    const problem = mismatch(String(method), params, headers);
    if (problem !== undefined) {
      refuse(response, 400, id, -32020, problem);
      return;
    }
    if (method === 'subscriptions/listen') {
      this.#listen(message, incoming, response);
      return;
    }
    send(response, await this.#desk.answer(incoming));
  }

  /** One long answer: the filter that is honoured, then what has changed. */
  #listen(message: JsonObject, incoming: Incoming, response: ServerResponse): void {
    this.#desk.hear(incoming);
    const asked = member(message['params'], 'notifications');
    const tag = { 'io.modelcontextprotocol/subscriptionId': message['id'] };
    const uris = member(asked, 'resourceSubscriptions');
    openStream(response);
    const tell = (method: string, params: JsonObject) =>
      writeEvent(response, { jsonrpc: '2.0', method, params: { ...params, _meta: tag } });
    tell('notifications/subscriptions/acknowledged', { notifications: asked });
    const listener = ({ method, uri }: Change): void => {
      const filter = FILTERS.get(method);
      const wanted = filter === undefined ? Array.isArray(uris) && uris.includes(uri) : member(asked, filter) === true;
      if (wanted) tell(method, uri === undefined ? {} : { uri });
    };
    this.#listeners.add(listener);
    response.once('close', () => this.#listeners.delete(listener));
  }

  #stream(session: Session | undefined, response: ServerResponse): void {
    if (!this.#serves.has('legacy')) {
      sendStatus(response, 405);
      return;
    }
    if (session === undefined) {
      sendStatus(response, 404);
      return;
    }
    session.stream?.end();
    session.stream = response;
    response.once('close', () => {
      if (session.stream === response) session.stream = undefined;
    });
    openStream(response);
    for (const message of session.waiting.splice(0)) writeEvent(response, message);
  }

  #incoming(
    message: JsonObject,
    era: FakeMcpEra,
    headers: IncomingHttpHeaders,
    session: string | undefined,
    response: ServerResponse,
  ) {
    const leaving = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) leaving.abort();
    });
    return {
      message,
      era,
      headers,
      session,
      via: 'http' as const,
      gone: leaving.signal,
      notify(method: string, params: JsonObject) {
        if (!response.headersSent) openStream(response);
        writeEvent(response, { jsonrpc: '2.0', method, params });
      },
    };
  }

  #refuseEra(response: ServerResponse, id: unknown, era: FakeMcpEra): void {
    if (era === 'modern') refuse(response, 400, id, -32000, 'Bad Request: no session');
    else refuse(response, 400, id, -32022, 'Unsupported protocol version', { supported: [MODERN] });
  }
}

/** What is wrong with the headers of a modern request, which repeat its body. */
function mismatch(method: string, params: unknown, headers: IncomingHttpHeaders): string | undefined {
  if (headers['mcp-protocol-version'] !== member(member(params, '_meta'), VERSION_KEY)) {
    return 'MCP-Protocol-Version is not the revision in _meta';
  }
  if (headers['mcp-method'] !== method) return 'Mcp-Method is not the method';
  const repeated = NAMED.get(method);
  const name = repeated === undefined ? undefined : member(params, repeated);
  if (name !== undefined && decode(headers['mcp-name']) !== name) return `Mcp-Name is not the ${repeated}`;
  return undefined;
}

/** Values that are not plain ASCII travel as `=?base64?…?=`. */
function decode(value: string | string[] | undefined): string | undefined {
  if (typeof value !== 'string') return undefined;
  const encoded = /^=\?base64\?(.*)\?=$/.exec(value)?.[1];
  return encoded === undefined ? value : Buffer.from(encoded, 'base64').toString();
}

function openStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
}

function writeEvent(response: ServerResponse, message: JsonObject): void {
  response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
}

function send(response: ServerResponse, { message, status, headers, fault }: Outgoing): void {
  if (fault === 'close') {
    response.destroy();
    return;
  }
  if (response.headersSent) {
    if (message !== undefined) writeEvent(response, message);
    response.end();
    return;
  }
  const text = fault === 'not-json' ? '{"jsonrpc":"2.0",' : message === undefined ? '' : JSON.stringify(message);
  response.writeHead(status, { ...(text === '' ? {} : { 'content-type': 'application/json' }), ...headers });
  response.end(text);
}

function sendStatus(response: ServerResponse, status: number): void {
  response.writeHead(status);
  response.end();
}

function refuse(
  response: ServerResponse,
  status: number,
  id: unknown,
  code: number,
  message: string,
  data?: unknown,
): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  const error = { code, message, ...(data === undefined ? {} : { data }) };
  response.end(JSON.stringify({ jsonrpc: '2.0', id: id ?? null, error }));
}
