import type { Buffer } from 'node:buffer';
import { NexusError } from '../errors/nexus-error.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { textOf } from '../http/text.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { JsonObject } from './canonical/request.ts';
import { specialTools } from './canonical/special-tool.ts';
import { Passthrough } from './delivery/passthrough.ts';
import { translate } from './delivery/translate.ts';
import { PROTOCOLS } from './protocols/index.ts';
import type { Address, ClientProtocol } from './protocols/protocol.ts';
import { spell } from './protocols/spelling.ts';
import type { Provider } from './providers/provider.ts';
import type { Target } from './providers/target.ts';
import type { Prepared } from './upstream/attempt-plan.ts';

export interface Preparable {
  readonly exchange: Exchange;
  /** The body as it came. */
  readonly bytes: Buffer;
  /** The same, parsed and validated. */
  readonly request: JsonObject;
  readonly client: ClientProtocol;
  readonly address: Address;
  readonly runtime: Runtime;
}

/**
 * Makes what a target is sent out of a request: the client's bytes, patched, where it speaks the client's protocol; else
 * a translation. Keeps the bytes alone while a call is under way: what was parsed is used for the first attempt, and a
 * further one parses again, so that nothing of one attempt can reach the next.
 */
export class Preparation {
  readonly #query: string;
  readonly #bytes: Buffer;
  readonly #client: ClientProtocol;
  readonly #address: Address;
  readonly #runtime: Runtime;
  #request: JsonObject | undefined;

  constructor({ exchange, bytes, request, client, address, runtime }: Preparable) {
    this.#query = exchange.query;
    this.#bytes = bytes;
    this.#request = request;
    this.#client = client;
    this.#address = address;
    this.#runtime = runtime;
  }

  /**
   * Throws `invalid_request` where the target cannot be told something that must not get lost. The client's protocol and
   * the provider's own are loaded by now: by the endpoint, and with the transport.
   */
  for(target: Target): Prepared {
    // It was validated before.
    const request = this.#request ?? (JSON.parse(textOf(this.#bytes)) as JsonObject);
    this.#request = undefined;
    return target.provider.speaks(this.#client.id) ? this.#relay(request, target) : this.#translation(request, target);
  }

  #relay(request: JsonObject, { provider, model, renamed }: Target): Prepared {
    const client = this.#client;
    const { id } = client;
    const { model: asked, stream, streamUsage } = this.#address;
    const { passthrough: protocol, upstream } = PROTOCOLS[id].loaded;
    return {
      path: withQuery(provider.path(id, model, stream), protocol.forwardedQuery?.(this.#query) ?? ''),
      body: protocol.patchRequest(this.#bytes, request, model),
      stream,
      delivery: new Passthrough({
        client,
        protocol,
        upstream,
        asked,
        renamed,
        streamUsage,
        runtime: this.#runtime,
      }),
    };
  }

  #translation(request: JsonObject, { provider, model }: Target): Prepared {
    const client = this.#client;
    const { stream, streamUsage } = this.#address;
    const canonical = client.decodeRequest(request, { ...this.#address, model });
    const { upstream } = PROTOCOLS[provider.primary].loaded;
    const unsaid = [...canonical.unsupported];
    const body = upstream.encodeRequest(canonical, unsaid, provider.definition);
    const dropped = unsaid.length === 0 ? unsaid : spell(unsaid, client.spelling, request);
    refuseDropped(dropped, provider);
    return {
      path: provider.path(provider.primary, model, stream),
      body,
      stream,
      delivery: translate(client, upstream, {
        model: this.#address.model,
        created: Math.floor(this.#runtime.now() / 1000),
        streamUsage,
        newId: this.#runtime.id,
        dropped: [],
        specialTools: specialTools(canonical.tools),
        upstreamModel: model,
      }),
      ...(dropped.length > 0 ? { dropped, replyHeaders: droppedHeaders(dropped) } : {}),
    };
  }
}

/** Throws `invalid_request` when fields of the caller's would get lost where they must not. */
export function refuseDropped(names: readonly string[], provider: Provider): void {
  const [param] = names;
  if (!provider.strictParams || param === undefined) return;
  const message = `This model's provider cannot be told ${names.join(', ')}: leave out what is not needed, or choose another model`;
  throw new NexusError('invalid_request', message, { param });
}

/**
 * Tells the caller which fields the target could not be told. Names the caller invented may hold anything, a header may
 * not.
 */
export function droppedHeaders(names: readonly string[]): string[] {
  const list = [...new Set(names)].map((name) => name.replace(/[^\w.[\]-]/g, '_').slice(0, 64));
  return ['x-nexus-dropped', list.slice(0, 50).join(', ')];
}

function withQuery(path: string, query: string): string {
  if (query === '') return path;
  return `${path}${path.includes('?') ? '&' : '?'}${query}`;
}
