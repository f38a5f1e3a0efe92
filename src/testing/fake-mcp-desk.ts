// A fake MCP server without its transports: takes messages, keeps them, and says what is to be sent.
import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { answerFrom, capabilitiesOf, INVALID_PARAMS, inEra, LEGACY, MODERN, RpcRefusal } from './fake-mcp-offer.ts';
import type {
  FakeMcpEra,
  FakeMcpMatch,
  FakeMcpOffer,
  FakeMcpReply,
  FakeMcpRule,
  ReceivedMcpRequest,
} from './fake-mcp-rule.ts';
import { isObject, type JsonObject, member } from './json-value.ts';
import { matchesGlob, type Rulebook, rulesBy } from './rulebook.ts';
import type { Waiters } from './waiters.ts';

/** One message of a client, and the way back to it. */
export interface Incoming {
  readonly message: JsonObject;
  readonly era: FakeMcpEra;
  readonly via: ReceivedMcpRequest['via'];
  readonly headers: IncomingHttpHeaders;
  readonly session: string | undefined;
  /** Aborted when the client leaves. */
  readonly gone: AbortSignal;
  /** Sends a notification ahead of the answer. */
  notify(method: string, params: JsonObject): void;
}

/** What is to be sent. */
export type Outgoing = {
  /** The response as JSON-RPC; undefined: nothing that could be read, or nothing at all. */
  readonly message?: JsonObject;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly fault?: FakeMcpReply['fault'];
};

/** What a rule looks at. */
type Asked = Pick<ReceivedMcpRequest, 'method' | 'params' | 'era'>;
type OpenRequest = { -readonly [Member in keyof ReceivedMcpRequest]: ReceivedMcpRequest[Member] };

const PREFIX = 'io.modelcontextprotocol';

export class FakeMcpDesk {
  readonly requests: OpenRequest[] = [];
  readonly rules: Rulebook<FakeMcpRule, Asked, FakeMcpReply>;
  readonly serverInfo: JsonObject;
  offer: FakeMcpOffer;
  readonly #instructions: string | undefined;
  readonly #waiters: Waiters;
  /** Calls that a legacy client may cancel, by session and request id. */
  readonly #running = new Map<string, AbortController>();

  constructor({ offer, rules, name, instructions }: DeskOptions, waiters: Waiters) {
    this.offer = offer;
    this.rules = rulesBy(rules, takes);
    this.serverInfo = { name, version: '1.0.0' };
    this.#instructions = instructions;
    this.#waiters = waiters;
  }

  /** A notification: kept, and obeyed where it cancels a call. */
  hear(incoming: Incoming): void {
    const entry = this.#open(incoming);
    if (entry.method === 'notifications/cancelled') {
      this.#running.get(keyOf(incoming.session, entry.params['requestId']))?.abort();
    }
    this.#close(entry, 'answered');
  }

  /** A request: decided by the script, else answered from what is offered. */
  async answer(incoming: Incoming): Promise<Outgoing> {
    const { message, era, session, gone } = incoming;
    const entry = this.#open(incoming);
    const { method, params } = entry;
    const withdrawn = new AbortController();
    const key = keyOf(session, message['id']);
    this.#running.set(key, withdrawn);
    const signal = AbortSignal.any([gone, withdrawn.signal]);
    const left = (): void => this.#close(entry, 'aborted');
    signal.addEventListener('abort', left, { once: true });
    try {
      const reply = this.rules.take({ method, params, era }) ?? {};
      const { delay = 0, status, headers = {}, fault } = reply;
      if (delay > 0) await setTimeout(delay, undefined, { signal });
      if (fault === 'hang') await new Promise((_resolve, reject) => signal.addEventListener('abort', reject));
      const id = fault === 'wrong-id' ? 'nobody-asked' : message['id'];
      if (status !== undefined || fault === 'close' || fault === 'not-json') {
        this.#close(entry, 'refused');
        return { status: status ?? 200, headers, ...(fault === undefined ? {} : { fault }) };
      }
      const answered = await this.#respond(reply, entry, incoming, signal);
      this.#close(entry, 'error' in answered ? 'refused' : 'answered');
      const code = member(answered['error'], 'code');
      const httpStatus = era === 'modern' && code === -32601 ? 404 : era === 'modern' && isRefusal(code) ? 400 : 200;
      return { message: { jsonrpc: '2.0', id, ...answered }, status: httpStatus, headers };
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
      return { status: 200, headers: {}, fault: 'close' };
    } finally {
      signal.removeEventListener('abort', left);
      this.#running.delete(key);
    }
  }

  async #respond(reply: FakeMcpReply, entry: OpenRequest, incoming: Incoming, signal: AbortSignal) {
    const { era, method, params, headers } = entry;
    if (reply.error !== undefined) return { error: reply.error };
    if (reply.result !== undefined) return { result: inEra(era, method, reply.result, this.serverInfo) };
    const meta = isObject(params['_meta']) ? params['_meta'] : {};
    const token = meta['progressToken'];
    const progress = (done: number, total?: number, message?: string): void => {
      if (token === undefined) return;
      incoming.notify('notifications/progress', {
        progressToken: token,
        progress: done,
        ...(total === undefined ? {} : { total }),
        ...(message === undefined ? {} : { message }),
      });
    };
    try {
      const found =
        this.#own(method, params, era) ??
        (await answerFrom(this.offer, method, params, { era, headers, meta, signal, progress }));
      return { result: inEra(era, method, found, this.serverInfo) };
    } catch (thrown) {
      if (!(thrown instanceof RpcRefusal)) throw thrown;
      const { code, message, data } = thrown;
      return { error: { code, message, ...(data === undefined ? {} : { data }) } };
    }
  }

  /** Questions to the server itself. */
  #own(method: string, params: JsonObject, era: FakeMcpEra): JsonObject | undefined {
    const instructions = this.#instructions === undefined ? {} : { instructions: this.#instructions };
    const capabilities = capabilitiesOf(this.offer);
    if (era === 'modern') {
      checkEnvelope(params);
      return method === 'server/discover' ? { supportedVersions: [MODERN], capabilities, ...instructions } : undefined;
    }
    switch (method) {
      case 'initialize': {
        const asked = String(params['protocolVersion']);
        const protocolVersion = LEGACY.includes(asked) ? asked : LEGACY[0];
        return { protocolVersion, capabilities, serverInfo: this.serverInfo, ...instructions };
      }
      case 'ping':
      case 'logging/setLevel':
      case 'resources/subscribe':
      case 'resources/unsubscribe':
        return {};
      default:
        return undefined;
    }
  }

  #open({ message, era, via, headers, session }: Incoming): OpenRequest {
    const params = isObject(message['params']) ? message['params'] : {};
    const entry: OpenRequest = {
      method: String(message['method']),
      params,
      era,
      via,
      headers,
      session,
      ended: undefined,
    };
    this.requests.push(entry);
    this.#waiters.changed();
    return entry;
  }

  #close(entry: OpenRequest, ended: ReceivedMcpRequest['ended']): void {
    entry.ended ??= ended;
    this.#waiters.changed();
  }
}

export interface DeskOptions {
  readonly name: string;
  readonly instructions: string | undefined;
  readonly offer: FakeMcpOffer;
  readonly rules: readonly FakeMcpRule[];
}

function takes({ method, name, era }: FakeMcpMatch, asked: Asked): boolean {
  return (
    (method === undefined || matchesGlob(method, asked.method)) &&
    (name === undefined || name === (asked.params['name'] ?? asked.params['uri'])) &&
    (era === undefined || era === asked.era)
  );
}

/** Every modern request says who speaks, and which revision. */
function checkEnvelope(params: JsonObject): void {
  const meta = params['_meta'];
  const missing = ['protocolVersion', 'clientCapabilities'].map((name) => `${PREFIX}/${name}`);
  const absent = missing.filter((name) => member(meta, name) === undefined);
  if (absent.length > 0) throw new RpcRefusal(INVALID_PARAMS, `_meta lacks ${absent.join(' and ')}`);
  const requested = member(meta, `${PREFIX}/protocolVersion`);
  if (requested !== MODERN) {
    throw new RpcRefusal(-32022, 'Unsupported protocol version', { supported: [MODERN], requested });
  }
}

function isRefusal(code: unknown): boolean {
  return code === -32020 || code === -32021 || code === -32022;
}

function keyOf(session: string | undefined, id: unknown): string {
  return `${session ?? ''} ${JSON.stringify(id)}`;
}
