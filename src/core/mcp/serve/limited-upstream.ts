import { NexusError } from '../../errors/nexus-error.ts';
import type { ToolLimits } from '../../policy/limits/tool-limits.ts';
import type { CallContext, Caller } from '../caller.ts';
import type { Catalogue, Upstream, UpstreamChange, UpstreamState } from '../upstream/upstream.ts';
import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { CODES } from '../wire/revision.ts';

/** What counts besides calls of tools: the server does work for these too. Lists, searches and completions are free. */
const COUNTED: ReadonlySet<string> = new Set(['prompts/get', 'resources/read']);

/** A server whose calls are limited. A refusal is told as -32000 with `data.retryAfter` in seconds. */
export class LimitedUpstream implements Upstream {
  readonly name: string;
  readonly #upstream: Upstream;
  readonly #limits: ToolLimits;

  constructor(upstream: Upstream, limits: ToolLimits) {
    this.name = upstream.name;
    this.#upstream = upstream;
    this.#limits = limits;
  }

  get state(): UpstreamState {
    return this.#upstream.state;
  }

  get problem(): string | undefined {
    return this.#upstream.problem;
  }

  get toolCount(): number | undefined {
    return this.#upstream.toolCount;
  }

  catalogue(caller: Caller): Promise<Catalogue> {
    return this.#upstream.catalogue(caller);
  }

  async request(method: string, params: JsonObject, call: CallContext): Promise<JsonObject> {
    if (method === 'tools/call') await this.#admit(String(params['name']), call);
    else if (COUNTED.has(method)) await this.#admit(undefined, call);
    return this.#upstream.request(method, params, call);
  }

  subscribe(uri: string, caller: Caller): Promise<() => void> {
    return this.#upstream.subscribe(uri, caller);
  }

  notify(method: string, params: JsonObject, caller: Caller): void {
    this.#upstream.notify?.(method, params, caller);
  }

  setLogLevel(level: string): void {
    this.#upstream.setLogLevel(level);
  }

  onChange(listener: (change: UpstreamChange) => void): () => void {
    return this.#upstream.onChange(listener);
  }

  close(): Promise<void> {
    return this.#upstream.close();
  }

  async #admit(tool: string | undefined, { record }: CallContext): Promise<void> {
    try {
      await this.#limits.admit(this.name, tool, record);
    } catch (error) {
      if (!NexusError.is(error)) throw error;
      const retryAfter = Number(error.headers?.[1] ?? 1);
      throw new JsonRpcError(CODES.server, error.message, { data: { retryAfter }, cause: error });
    }
  }
}
