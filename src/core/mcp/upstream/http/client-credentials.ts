// OAuth 2.0 client credentials towards an MCP server: RFC 6749 section 4.4, with the resource indicator of RFC 8707. The
// token endpoint is configured, or found through RFC 9728 and RFC 8414 as MCP's authorization chapter says.
import { Buffer } from 'node:buffer';
import type { ParsedMcpAuth } from '../../../config/resolve-mcp.ts';
import { isObject } from '../../wire/message.ts';
import { linkFailure } from '../link-failure.ts';
import { boundedText } from './bounded-text.ts';
import { ASSERTION_TYPE, clientAssertion } from './client-assertion.ts';
import { type Fetch, isPrivateHost, openPublicFetch } from './connector.ts';
import type { TokenSource } from './token-source.ts';

type Settings = Extract<ParsedMcpAuth, { type: 'client_credentials' }>;

interface Endpoint {
  readonly url: string;
  /** Client authentication methods it takes; undefined when it does not say. */
  readonly methods: readonly string[] | undefined;
  /** Whom a signed statement is made for: its issuer, else its own URL. */
  readonly audience: string;
  readonly fetch: Fetch;
}

const LARGEST_ANSWER = 1024 * 1024;
const FETCH_MS = 10_000;
/** A token is renewed this long before it ends. */
const MARGIN_MS = 30_000;
/** For tokens that do not say how long they last. */
const STANDARD_LIFE_MS = 300_000;

export class ClientCredentials implements TokenSource {
  readonly #settings: Settings;
  readonly #serverUrl: string;
  readonly #fetch: Fetch;
  readonly #now: () => number;
  #held: { readonly token: string; readonly until: number } | undefined;
  #fetching: Promise<string> | undefined;
  #endpoint: Endpoint | undefined;

  /** `fetch` reaches configured addresses; `now` is Unix milliseconds. */
  constructor(settings: Settings, serverUrl: string, fetch: Fetch, now: () => number) {
    this.#settings = settings;
    this.#serverUrl = serverUrl;
    this.#fetch = fetch;
    this.#now = now;
  }

  token(): string | Promise<string> {
    if (this.#held !== undefined && this.#now() < this.#held.until) return this.#held.token;
    this.#fetching ??= this.#renew().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  refuse(token: string): void {
    if (this.#held?.token === token) this.#held = undefined;
  }

  async #renew(): Promise<string> {
    this.#endpoint ??= await this.#findEndpoint();
    const endpoint = this.#endpoint;
    const basic = endpoint.methods?.includes('client_secret_basic') ?? true;
    let answer = await this.#ask(endpoint, basic ? 'basic' : 'post');
    // Endpoints that say nothing of their methods may only know the other one.
    const hasSecret = 'secret' in this.#settings.client;
    if (answer['error'] === 'invalid_client' && endpoint.methods === undefined && hasSecret)
      answer = await this.#ask(endpoint, 'post');
    const { access_token: token, expires_in: seconds, error } = answer;
    if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
      const reason = typeof error === 'string' && /^[\w.-]{1,64}$/.test(error) ? ` (${error})` : '';
      throw refused(`its token endpoint gave no token${reason}`);
    }
    const life = typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : STANDARD_LIFE_MS;
    this.#held = { token, until: this.#now() + Math.max(life - MARGIN_MS, life / 2) };
    return token;
  }

  async #ask(endpoint: Endpoint, method: 'basic' | 'post'): Promise<Record<string, unknown>> {
    const { clientId, client, scope } = this.#settings;
    const form = new URLSearchParams({ grant_type: 'client_credentials', resource: resourceOf(this.#serverUrl) });
    if (scope !== undefined) form.set('scope', scope);
    const headers: Record<string, string> = {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    };
    if ('privateKey' in client) {
      const { privateKey, signingAlgorithm: algorithm } = client;
      const facts = { clientId, privateKey, algorithm, audience: endpoint.audience, now: this.#now() };
      form.set('client_id', clientId);
      form.set('client_assertion_type', ASSERTION_TYPE);
      form.set('client_assertion', await clientAssertion(facts));
    } else if (method === 'basic') {
      const pair = `${formEncode(clientId)}:${formEncode(client.secret.reveal())}`;
      headers['authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
    } else {
      form.set('client_id', clientId);
      form.set('client_secret', client.secret.reveal());
    }
    const body = form.toString();
    const answer = await readJson(endpoint.fetch, endpoint.url, { method: 'POST', headers, body });
    return answer ?? {};
  }

  async #findEndpoint(): Promise<Endpoint> {
    const { tokenUrl } = this.#settings;
    if (tokenUrl !== undefined) {
      return { url: tokenUrl, methods: undefined, audience: tokenUrl, fetch: this.#fetch };
    }
    const server = new URL(this.#serverUrl);
    const resource = await this.#firstJson(this.#fetch, wellKnown(server, 'oauth-protected-resource'));
    const [named] = Array.isArray(resource?.['authorization_servers']) ? resource['authorization_servers'] : [];
    const issuer = typeof named === 'string' && URL.canParse(named) ? new URL(named) : new URL(server.origin);
    const fetch = await this.#reach(issuer);
    const metadata = await this.#firstJson(fetch, [
      ...wellKnown(issuer, 'oauth-authorization-server'),
      ...wellKnown(issuer, 'openid-configuration'),
      new URL(`${issuer.href.replace(/\/$/, '')}/.well-known/openid-configuration`),
    ]);
    const url = metadata?.['token_endpoint'];
    if (typeof url !== 'string' || !URL.canParse(url)) throw refused('its token endpoint cannot be found');
    // RFC 8414 section 3.3: metadata that names another issuer is somebody else's.
    const claimed = metadata?.['issuer'];
    if (typeof claimed !== 'string' || claimed.replace(/\/$/, '') !== issuer.href.replace(/\/$/, '')) {
      throw refused('the metadata of its authorization server names another issuer');
    }
    const listed = metadata?.['token_endpoint_auth_methods_supported'];
    const methods = Array.isArray(listed) ? listed.filter((one): one is string => typeof one === 'string') : undefined;
    return { url, methods, audience: claimed, fetch: await this.#reach(new URL(url)) };
  }

  /** What was discovered may stand beside the server, wherever that is; anything else must be public and encrypted. */
  async #reach(url: URL): Promise<Fetch> {
    const server = new URL(this.#serverUrl);
    const isNear = url.hostname === server.hostname && (url.protocol === 'https:' || server.protocol === 'http:');
    if (isNear) return this.#fetch;
    if (url.protocol !== 'https:' || isPrivateHost(url))
      throw refused('its authorization server is at an address that is not allowed');
    return async (input, init) => {
      const connector = openPublicFetch();
      try {
        const response = await connector.fetch(input, init);
        const text = await boundedText(response, LARGEST_ANSWER);
        return new Response(text ?? null, { status: response.status });
      } finally {
        await connector.close();
      }
    };
  }

  async #firstJson(fetch: Fetch, urls: readonly URL[]): Promise<Record<string, unknown> | undefined> {
    for (const url of urls) {
      const found = await readJson(fetch, url.href, { headers: { accept: 'application/json' } }, true);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

async function readJson(
  fetch: Fetch,
  url: string,
  init: RequestInit,
  mayMiss = false,
): Promise<Record<string, unknown> | undefined> {
  let response: Response;
  let text: string | undefined;
  try {
    response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(FETCH_MS) });
    text = await boundedText(response, LARGEST_ANSWER);
  } catch (error) {
    throw refused('its authorization server cannot be reached', error);
  }
  if (mayMiss && !response.ok) return undefined;
  try {
    const parsed: unknown = JSON.parse(text ?? '');
    return isObject(parsed) ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

/** The forms of RFC 9728 section 3.1: with the path behind, and at the root. */
function wellKnown(base: URL, name: string): URL[] {
  const path = base.pathname.replace(/\/$/, '');
  const root = new URL(`/.well-known/${name}`, base);
  return path === '' ? [root] : [new URL(`/.well-known/${name}${path}`, base), root];
}

/** RFC 8707: the URL without fragment; a query may hold a key and is no part of the name. */
function resourceOf(serverUrl: string): string {
  const url = new URL(serverUrl);
  url.search = '';
  url.hash = '';
  return url.href.replace(/\/$/, '');
}

function formEncode(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

function refused(message: string, cause?: unknown): Error {
  return linkFailure('upstream_auth', message, { sent: false, over: false }, cause);
}
