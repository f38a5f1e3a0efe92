// The ways into a router for code of its own process: `fetch` for any SDK, OpenAI's client, and the MCP tools; for nobody
// in particular, or as one caller.
import { NexusError } from '../errors/nexus-error.ts';
import type { Principal } from '../exchange/principal.ts';
import { WebExchange, type WebHostFacts } from '../http/web.ts';
import { hostIdentity, type Identify, type Identity, principalOf } from '../identify.ts';
import type { McpApi, McpCalls } from '../mcp/plane.ts';
import { openaiClient } from './openai-client.ts';
import type { NexusOpenAI, OpenAIOptions } from './openai-types.ts';

/** What `fetch` takes; a host that mounts it says what it knows of the request in `host`. */
export interface HostedRequestInit extends RequestInit {
  /** Default: mounted at the root, nothing known of the connection or the caller, `raw` is the `Request`. */
  host?: WebHostFacts;
}

/** The ways into a router for code of its own process, all as the same caller. */
export interface InProcessClients<
  Model extends string = string,
  Tool extends string = string,
  Server extends string = string,
> {
  /**
   * Answers a request; the signature of the global `fetch`, so that any SDK can be given it. Paths count from the root:
   * `http://nexus/llm/v1/chat/completions`, or from `init.host.mountPath`. Rejects only as `fetch` does, when the request
   * is aborted.
   */
  fetch(input: string | URL | Request, init?: HostedRequestInit): Promise<Response>;
  /**
   * OpenAI's client, ready to use; the package `openai` is loaded with the first. It never tries again by itself, as the
   * router does (`maxRetries: 0`), and needs no key; one that is given stands where a caller's token would. Rejects with
   * `config_invalid` where the package is not installed, and with `no_route` where OpenAI's protocol is switched off.
   */
  openai(options?: OpenAIOptions): Promise<NexusOpenAI<Model>>;
  /** The tools of all MCP servers. */
  readonly mcp: McpCalls<Tool, Server>;
}

/** A request that the host application is serving: its caller is whom `identify` finds in it. */
export interface HostRequest {
  /** The host's own request object: Express `req`, Koa `ctx`, Node `IncomingMessage`, Next and Web `Request`. */
  readonly from: unknown;
}

/** What of an instance its clients stand on. */
interface Instance {
  readonly endpoints: readonly { readonly name: string; readonly paths: readonly string[] }[];
  readonly mcp: McpApi;
  fetch(input: string | URL | Request, init?: HostedRequestInit): Promise<Response>;
}

/** Where clients of this process say the router is; nobody looks it up. */
export const ORIGIN = 'http://nexus';
const CHAT = 'openai.chat.completions';
const CHAT_PATH = '/chat/completions';

/** Where requests for chat completions go. Throws `no_route` where OpenAI's protocol is switched off. */
export function chatUrl({ endpoints }: Pick<Instance, 'endpoints'>): string {
  const path = endpoints.find(({ name }) => name === CHAT)?.paths[0];
  if (path === undefined) throw new NexusError('no_route', "OpenAI's protocol is switched off in the configuration");
  return `${ORIGIN}${path}`;
}

export async function openaiFor(
  instance: Instance,
  fetch: Instance['fetch'],
  options?: OpenAIOptions,
): Promise<NexusOpenAI> {
  return openaiClient(chatUrl(instance).slice(0, -CHAT_PATH.length), fetch, options);
}

/**
 * The clients of one caller. Throws a `TypeError` for an identity without an id, and for a host's request where there is
 * no `identify` to find the caller in it.
 */
export function clientsAs(
  instance: Instance,
  caller: Identity | HostRequest,
  identify: Identify | undefined,
): InProcessClients {
  const { facts, principal } = 'from' in caller ? fromHost(caller.from, identify) : fromIdentity(caller);
  const fetch: Instance['fetch'] = (input, init = {}) =>
    instance.fetch(input, { ...init, host: { ...init.host, ...facts } });
  return {
    fetch,
    openai: (options) => openaiFor(instance, fetch, options),
    mcp: mcpAs(instance.mcp, principal),
  };
}

interface Caller {
  /** What the host knows of requests of this caller. */
  readonly facts: WebHostFacts;
  readonly principal: () => Principal | Promise<Principal>;
}

function fromIdentity(identity: Identity): Caller {
  const principal = principalOf(identity);
  return { facts: { principal }, principal: () => principal };
}

function fromHost(raw: unknown, identify: Identify | undefined): Caller {
  if (identify === undefined) throw new TypeError('as({ from }) asks the option identify, and there is none');
  const find = hostIdentity(identify);
  return {
    facts: { raw },
    async principal() {
      const found = await find(new WebExchange(new Request(ORIGIN), { raw }));
      // There is no gate before tools that are called in process: somebody must be known here.
      if (found === undefined) throw new NexusError('missing_client_id', 'identify knows no caller of this request');
      return found;
    },
  };
}

function mcpAs(mcp: McpApi, principal: Caller['principal']): McpCalls {
  return {
    listTools: async () => mcp.listTools({ principal: await principal() }),
    search: async (query) => mcp.search(query, { principal: await principal() }),
    execute: async (name, args, options) => mcp.execute(name, args, { ...options, principal: await principal() }),
    client: async (options) => mcp.client({ ...options, principal: await principal() }),
  };
}
