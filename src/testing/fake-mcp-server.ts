// An MCP server for tests: real HTTP on a loopback port, of both eras, and an object for the same process.
import { FakeMcpDesk, type Incoming } from './fake-mcp-desk.ts';
import { type Change, FakeMcpHttp } from './fake-mcp-http.ts';
import type {
  FakeMcpEra,
  FakeMcpOffer,
  FakeMcpPrompt,
  FakeMcpReply,
  FakeMcpResource,
  FakeMcpRule,
  FakeMcpTool,
  ReceivedMcpRequest,
} from './fake-mcp-rule.ts';
import { isObject } from './json-value.ts';
import { openLoopback } from './loopback.ts';
import { createWaiters } from './waiters.ts';

export interface FakeMcpServerOptions extends FakeMcpOffer {
  /** What it calls itself. Default: `fake`. */
  readonly name?: string | undefined;
  /** What it tells models about itself. Default: nothing. */
  readonly instructions?: string | undefined;
  /** The family of revisions it speaks over HTTP; in process it is always `legacy`. Default: `both`. */
  readonly era?: FakeMcpEra | 'both' | undefined;
  /** Rules that hold from the start and again after `reset()`. Default: none. */
  readonly rules?: readonly FakeMcpRule[] | undefined;
}

/** A server object as `createNexus(config, { mcpServers })` takes it. */
export interface FakeMcpObject {
  connect(transport: unknown): Promise<void>;
  close(): Promise<void>;
}

export interface FakeMcpServer {
  /** Where it serves streamable HTTP: `http://127.0.0.1:49152/mcp`. */
  readonly url: string;
  /** A server in this process for each call, with the same tools and script: `mcpServers: { fake: server.inProcess }`. */
  readonly inProcess: () => FakeMcpObject;
  /** Every request and notification, in order. */
  readonly requests: readonly ReceivedMcpRequest[];
  /** Sessions of legacy clients that are open over HTTP. */
  readonly sessions: number;
  /** Adds a rule. A bare reply decides one request, whatever it is. */
  reply(reply: FakeMcpRule | FakeMcpReply): void;
  /** Adds rules behind those there are. */
  script(rules: readonly FakeMcpRule[]): void;
  /** Offers other tools from now on, and tells all clients. */
  setTools(tools: Readonly<Record<string, FakeMcpTool>>): void;
  setPrompts(prompts: Readonly<Record<string, FakeMcpPrompt>>): void;
  setResources(resources: Readonly<Record<string, FakeMcpResource>>): void;
  /** Tells those who subscribed to a resource that it has changed. */
  touch(uri: string): void;
  /** Forgets all sessions, as a restart does. */
  endSessions(): void;
  /** Back to what was offered and the rules of the beginning, which clients are not told; forgets `requests`. */
  reset(): void;
  /**
   * Resolves once the predicate holds; it is asked at every change of `requests`. Rejects with a NexusError after
   * `timeoutMs` (default 2000).
   */
  waitFor(predicate: (server: FakeMcpServer) => boolean, timeoutMs?: number): Promise<void>;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The part of an MCP SDK's transport that is used here. */
interface Transport {
  onmessage?: (message: unknown) => void;
  onclose?: () => void;
  start(): Promise<void>;
  send(message: object): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a fake MCP server on an ephemeral port of 127.0.0.1. It lists what it was given, and answers in the era it is
 * spoken to in: with sessions and a GET stream to clients that shake hands, statelessly to those of 2026-07-28, whose
 * headers and `_meta` it checks. It needs no SDK, and asks its clients nothing (no elicitation, sampling or roots).
 */
export async function createFakeMcpServer(options: FakeMcpServerOptions = {}): Promise<FakeMcpServer> {
  const { name = 'fake', instructions, era = 'both', rules = [], tools = {}, prompts, resources } = options;
  const offered: FakeMcpOffer = { tools, prompts, resources };
  const waiters = createWaiters();
  const desk = new FakeMcpDesk({ name, instructions, offer: offered, rules }, waiters);
  const http = new FakeMcpHttp(desk, new Set(era === 'both' ? ['legacy', 'modern'] : [era]));
  const objects = new Set<ProcessObject>();
  const loopback = await openLoopback({
    onRequest: (request, response) => void http.serve(request, response).catch(() => response.destroy()),
  });
  const tell = (change: Change): void => {
    http.tell(change);
    for (const object of objects) object.tell(change);
  };
  const list = (change: FakeMcpOffer, method: string): void => {
    desk.offer = { ...desk.offer, ...change };
    tell({ method });
  };
  const server: FakeMcpServer = {
    url: `${loopback.url}/mcp`,
    inProcess: () => new ProcessObject(desk, objects),
    get requests() {
      return desk.requests;
    },
    get sessions() {
      return http.sessions;
    },
    reply: (reply) => desk.rules.add(['reply' in reply ? reply : { reply, times: 1 }]),
    script: (more) => desk.rules.add(more),
    setTools: (changed) => list({ tools: changed }, 'notifications/tools/list_changed'),
    setPrompts: (changed) => list({ prompts: changed }, 'notifications/prompts/list_changed'),
    setResources: (changed) => list({ resources: changed }, 'notifications/resources/list_changed'),
    touch: (uri) => tell({ method: 'notifications/resources/updated', uri }),
    endSessions: () => http.endSessions(),
    reset() {
      desk.offer = offered;
      desk.rules.reset();
      desk.requests.length = 0;
      waiters.changed();
    },
    waitFor: (predicate, timeoutMs = 2000) => waiters.wait(() => predicate(server), timeoutMs),
    async close() {
      await Promise.all([...objects].map((object) => object.close()));
      await loopback.close();
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
  return server;
}

/** The server at the other end of a transport in this process. */
class ProcessObject implements FakeMcpObject {
  readonly #desk: FakeMcpDesk;
  readonly #open: Set<ProcessObject>;
  readonly #gone = new AbortController();
  readonly #watched = new Set<unknown>();
  #transport: Transport | undefined;

  constructor(desk: FakeMcpDesk, open: Set<ProcessObject>) {
    this.#desk = desk;
    this.#open = open;
  }

  async connect(given: unknown): Promise<void> {
    const transport = given as Transport;
    this.#transport = transport;
    this.#open.add(this);
    transport.onmessage = (message) => void this.#take(message);
    transport.onclose = () => this.#left();
    await transport.start();
  }

  async close(): Promise<void> {
    await this.#transport?.close();
    this.#left();
  }

  tell({ method, uri }: Change): void {
    if (uri !== undefined && !this.#watched.has(uri)) return;
    this.#send({ jsonrpc: '2.0', method, ...(uri === undefined ? {} : { params: { uri } }) });
  }

  async #take(message: unknown): Promise<void> {
    if (!isObject(message) || typeof message['method'] !== 'string') return;
    const incoming: Incoming = {
      message,
      era: 'legacy',
      via: 'process',
      headers: {},
      session: undefined,
      gone: this.#gone.signal,
      notify: (method, params) => this.#send({ jsonrpc: '2.0', method, params }),
    };
    if (message['id'] === undefined) return this.#desk.hear(incoming);
    const uri = isObject(message['params']) ? message['params']['uri'] : undefined;
    if (message['method'] === 'resources/subscribe') this.#watched.add(uri);
    if (message['method'] === 'resources/unsubscribe') this.#watched.delete(uri);
    const outgoing = await this.#desk.answer(incoming);
    if (outgoing.fault === 'close' && !this.#gone.signal.aborted) await this.close();
    else if (outgoing.message !== undefined) this.#send(outgoing.message);
  }

  #send(message: object): void {
    // Whoever has gone need not be told.
    this.#transport?.send(message).catch(() => undefined);
  }

  #left(): void {
    this.#open.delete(this);
    this.#gone.abort();
  }
}
