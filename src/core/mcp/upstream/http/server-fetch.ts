// The `fetch` a transport of the SDK is given for one connection: it adds the headers of the configuration, keeps tokens
// fresh, bounds what comes back, and notices what the transport keeps to itself.
import type { ParsedInsertRule } from '../../../config/resolve-mcp.ts';
import { linkFacts } from '../link-failure.ts';
import type { TokenSource } from './client-credentials.ts';
import type { Fetch } from './connector.ts';
import { limitMessages } from './limited-body.ts';
import { asFailure, SESSION_LOST } from './transport-failure.ts';

export interface ServerFetchOptions {
  readonly fetch: Fetch;
  /** Sent as a Bearer token. */
  readonly token: TokenSource | undefined;
  /** In their order; a later one wins, and all win over the token. */
  readonly headers: readonly ParsedInsertRule[];
  /** Where messages are posted instead of where an SSE server says; the query it says stays. */
  readonly messageUrl: string | undefined;
  /** The server has forgotten the session, or is gone, as its stream of notifications shows. */
  readonly onLost: (why: string) => void;
}

const BODILESS: ReadonlySet<number> = new Set([101, 204, 205, 304]);

export function serverFetch(options: ServerFetchOptions): Fetch {
  const { fetch, headers: rules, messageUrl, onLost } = options;
  const token = rules.some(({ name }) => name === 'authorization') ? undefined : options.token;

  const send = async (input: string | URL, init: RequestInit, bearer: string | undefined): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (bearer !== undefined) headers.set('authorization', `Bearer ${bearer}`);
    for (const { name, value } of rules) headers.set(name, value.reveal());
    const url = messageUrl !== undefined && init.method === 'POST' ? redirected(messageUrl, input) : input;
    const isStream = init.method === 'GET';
    try {
      const response = await fetch(url, { ...init, headers });
      if (response.status === 404 && isStream && headers.has('mcp-session-id')) onLost(SESSION_LOST);
      return response;
    } catch (error) {
      // The transport would knock at a dead server's door for ever, and nobody would know.
      const facts = linkFacts(asFailure(error));
      if (isStream && facts?.over === true && init.signal?.aborted !== true) onLost('it cannot be reached');
      throw error;
    }
  };

  return async (input, init = {}) => {
    const bearer = await token?.token();
    let response = await send(input, init, bearer);
    if (response.status === 401 && bearer !== undefined && token !== undefined) {
      token.refuse(bearer);
      const next = await token.token();
      if (next !== bearer) {
        await response.body?.cancel();
        response = await send(input, init, next);
      }
    }
    return bounded(response);
  };
}

function bounded(response: Response): Response {
  const { status, statusText, body } = response;
  const headers = new Headers([...response.headers]);
  // The body is decoded already.
  headers.delete('content-encoding');
  headers.delete('content-length');
  if (body === null || BODILESS.has(status)) return new Response(null, { status, statusText, headers });
  const isEventStream = (headers.get('content-type') ?? '').toLowerCase().startsWith('text/event-stream');
  return new Response(limitMessages(body, isEventStream), { status, statusText, headers });
}

function redirected(messageUrl: string, announced: string | URL): URL {
  const url = new URL(messageUrl);
  for (const [name, value] of new URL(announced).searchParams)
    if (!url.searchParams.has(name)) url.searchParams.set(name, value);
  return url;
}
