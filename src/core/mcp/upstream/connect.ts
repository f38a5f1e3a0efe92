// A new connection to a server: dial, find out the era, shake hands. What was found out is remembered, and found out
// again when it turns out wrong.
import type { Logger } from '../../runtime/logger.ts';
import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { Connection, type ConnectionEvents } from './connection.ts';
import type { Dialer } from './dialer.ts';
import type { EraVerdict, Findings } from './era-verdict.ts';
import { discover, type Introduction, initialize, isForeignAnswer, type Session } from './handshake.ts';
import { linkFacts, linkFailure, REQUEST_TIMEOUT } from './link-failure.ts';
import { Peer, type PeerHandlers } from './peer.ts';

export interface ConnectOptions {
  readonly name: string;
  readonly dialer: Dialer;
  readonly verdict: EraVerdict;
  readonly clientInfo: JsonObject;
  /** What the server may ask; `{}` on connections that several callers share. */
  readonly capabilities: JsonObject;
  /** The caller's own token, for servers that are given it. */
  readonly token?: string | undefined;
  readonly events: ConnectionEvents;
  /** Called before the server's first own words are heard. */
  readonly onConnected?: ((connection: Connection) => void) | undefined;
  readonly logger: Logger;
  /** Ends the attempt. */
  readonly signal: AbortSignal;
}

/** How long a silent program is waited for before it is taken for a legacy one. */
const PROBE_MS = 3000;

/** Rejects with a link failure or `JsonRpcError`; then nothing stays open. */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { verdict } = options;
  const known = verdict.current;
  if (known === undefined) return await negotiate(options);
  try {
    return await attempt(options, known.era, known.sse);
  } catch (error) {
    if (verdict.pinned !== undefined || options.signal.aborted || !mayBeOutdated(error)) throw error;
    verdict.forget();
    return await negotiate(options);
  }
}

/** Tries what the configuration leaves open: modern before legacy, streamable HTTP before SSE. */
async function negotiate(options: ConnectOptions): Promise<Connection> {
  const { dialer, verdict, logger, name, signal } = options;
  try {
    return await attempt(options, verdict.pinned, false);
  } catch (error) {
    if (signal.aborted) throw error;
    if (dialer.place === 'program' && verdict.pinned === undefined && linkFacts(error)?.over === true) {
      // Some programs leave when they are asked something they do not know.
      return await attempt(options, 'legacy', false);
    }
    if (!dialer.fallback || !isForeignAnswer(error)) throw error;
    const connection = await attempt(options, 'legacy', true).catch(() => {
      // What streamable HTTP said tells more than that SSE did not work either.
      throw error;
    });
    logger.warn('An MCP server does not speak streamable HTTP; SSE is used', { server: name });
    return connection;
  }
}

async function attempt(options: ConnectOptions, era: Findings['era'] | undefined, sse: boolean): Promise<Connection> {
  const { dialer, token, verdict, signal, capabilities, clientInfo, events, name } = options;
  const wire = await dialer.dial({ token, sse });
  // What a server says before the handshake is over reaches the connection all the same.
  let connection: Connection | undefined;
  const early: ((handlers: PeerHandlers) => void)[] = [];
  const peer = new Peer(wire, {
    onNotification: (method, params, to) => {
      if (connection === undefined) early.push((handlers) => handlers.onNotification(method, params, to));
      else connection.onNotification(method, params, to);
    },
    onRequest: (method, params, withdrawn, to) =>
      connection === undefined
        ? new Promise((resolve, reject) => {
            early.push((handlers) => handlers.onRequest(method, params, withdrawn, to).then(resolve, reject));
          })
        : connection.onRequest(method, params, withdrawn, to),
    onClose: (failure) => connection?.onClose(failure),
  });
  try {
    await within(peer.start(), signal);
    const session = await shakeHands(peer, { capabilities, clientInfo }, era, options);
    verdict.record({ era: session.era, sse });
    connection = new Connection(name, peer, session, { capabilities, clientInfo }, events);
    options.onConnected?.(connection);
    for (const told of early) told(connection);
    return connection;
  } catch (error) {
    await peer.close();
    throw error;
  }
}

async function shakeHands(
  peer: Peer,
  who: Introduction,
  era: Findings['era'] | undefined,
  { dialer, signal }: ConnectOptions,
): Promise<Session> {
  if (era === 'legacy') return await initialize(peer, who, signal);
  const probe = new AbortController();
  const stop = (): void => probe.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  const patience =
    era === undefined && dialer.place === 'program' ? setTimeout(() => probe.abort(SILENT), PROBE_MS) : undefined;
  try {
    const session = await discover(peer, who, probe.signal);
    if (session !== undefined) return session;
  } catch (error) {
    if (error !== SILENT) throw error;
  } finally {
    clearTimeout(patience);
    signal.removeEventListener('abort', stop);
  }
  if (era === 'modern') {
    throw linkFailure('upstream_invalid', 'it does not speak a modern revision of MCP', { sent: true, over: true });
  }
  return await initialize(peer, who, signal);
}

const SILENT = new JsonRpcError(REQUEST_TIMEOUT, 'The server does not answer the question for its era');

/** Whether another era or transport than the remembered one could explain this. */
function mayBeOutdated(error: unknown): boolean {
  if (error instanceof JsonRpcError) return error.code !== REQUEST_TIMEOUT;
  return linkFacts(error)?.sent === true;
}

function within<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    // Heard in either case: what fails after that must not go unhandled.
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
