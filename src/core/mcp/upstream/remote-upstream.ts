// One MCP server behind Nexus, of whatever kind and era: what is tried again, and what its clients are told.
import { NexusError } from '../../errors/nexus-error.ts';
import type { CallContext, Caller } from '../caller.ts';
import { askableOf } from '../wire/client-capabilities.ts';
import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { CODES, META } from '../wire/revision.ts';
import { answerInput, isInputRequired, MOST_ROUNDS } from './input-required.ts';
import { asJsonRpcError, linkFacts } from './link-failure.ts';
import { OngoingCall } from './ongoing-call.ts';
import { ServerLinks, type ServerLinksServices, type ServerLinksSettings } from './server-links.ts';
import type { Catalogue, Upstream, UpstreamChange, UpstreamState } from './upstream.ts';

export interface RemoteUpstreamSettings extends ServerLinksSettings {
  /** Milliseconds. */
  readonly timeout: number;
  readonly toolTimeouts: ReadonlyMap<string, number>;
}

export class RemoteUpstream implements Upstream {
  readonly name: string;
  readonly #settings: RemoteUpstreamSettings;
  readonly #links: ServerLinks;
  readonly #listeners = new Set<(change: UpstreamChange) => void>();

  constructor(settings: RemoteUpstreamSettings, services: ServerLinksServices) {
    this.name = settings.name;
    this.#settings = settings;
    this.#links = new ServerLinks(settings, services, (change) => this.#tell(change));
  }

  get state(): UpstreamState {
    return this.#links.state;
  }

  get problem(): string | undefined {
    return this.#links.problem;
  }

  get toolCount(): number | undefined {
    return this.#links.tools?.length;
  }

  catalogue(caller: Caller): Promise<Catalogue> {
    return this.#links.catalogue(caller);
  }

  async request(method: string, params: JsonObject, context: CallContext): Promise<JsonObject> {
    const call = new OngoingCall(context, this.#timeoutOf(method, params));
    try {
      let sent = params;
      for (let round = 0; round <= MOST_ROUNDS; round++) {
        const result = await this.#send(method, sent, call);
        if (!isInputRequired(result) || context.relayInputRequired) return result;
        sent = await answerInput(result, sent, call, this.#askable(context));
      }
      throw new JsonRpcError(CODES.internal, 'The MCP server asks its client again and again');
    } catch (error) {
      throw asJsonRpcError(call.signal.aborted ? call.signal.reason : error, this.name);
    } finally {
      call.end();
    }
  }

  notify(method: string, params: JsonObject, caller: Caller): void {
    this.#links.ownOf(caller)?.notify(method, params);
  }

  async subscribe(uri: string, caller: Caller): Promise<() => void> {
    try {
      return await this.#links.watch(uri, caller, AbortSignal.timeout(this.#settings.timeout));
    } catch (error) {
      throw asJsonRpcError(error, this.name);
    }
  }

  setLogLevel(level: string): void {
    this.#links.setLogLevel(level);
  }

  onChange(listener: (change: UpstreamChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    if (this.state === 'closed') return;
    await this.#links.close();
    this.#tell({ kind: 'state' });
    this.#listeners.clear();
  }

  /** Sends a request, and once more where that can do no harm. */
  async #send(method: string, params: JsonObject, call: OngoingCall): Promise<JsonObject> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#links.withConnection(call, async (connection) => {
          try {
            return await connection.call(method, this.#withLogLevel(params, call), call, this.#askable(call.context));
          } catch (error) {
            if (linkFacts(error)?.over === true && !call.signal.aborted) connection.abandon(error);
            throw error;
          }
        });
      } catch (error) {
        const facts = linkFacts(error);
        if (attempt > 0 || facts === undefined || call.signal.aborted || !isPassing(error)) throw error;
        if (facts.sent && !this.#mayRepeat(method, params)) throw error;
      }
    }
  }

  /** What a modern server is told it may ask of the client of this call. */
  #askable({ caller, ask, relayInputRequired }: CallContext): JsonObject {
    const can = this.#settings.clientFeatures && (relayInputRequired || ask !== undefined);
    return can ? askableOf(caller.capabilities) : {};
  }

  #withLogLevel(params: JsonObject, { context }: OngoingCall): JsonObject {
    const { logLevel } = this.#links;
    if (logLevel === undefined || context.onNotification === undefined) return params;
    if (context.meta[META.logLevel] !== undefined) return params;
    return { ...params, _meta: { ...(params['_meta'] as JsonObject | undefined), [META.logLevel]: logLevel } };
  }

  #timeoutOf(method: string, params: JsonObject): number {
    const { timeout, toolTimeouts } = this.#settings;
    return (method === 'tools/call' ? toolTimeouts.get(String(params['name'])) : undefined) ?? timeout;
  }

  /** Whether sending it twice is the same as sending it once. */
  #mayRepeat(method: string, params: JsonObject): boolean {
    if (method !== 'tools/call') return true;
    const tool = this.#links.tools?.find(({ name }) => name === params['name']);
    const hints = tool?.['annotations'] as JsonObject | undefined;
    return hints?.['readOnlyHint'] === true || hints?.['idempotentHint'] === true;
  }

  #tell(change: UpstreamChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** Whether the next attempt may go better: the way was broken, or the server was. */
function isPassing(error: unknown): boolean {
  return NexusError.is(error) && (error.code === 'upstream_unavailable' || error.code === 'upstream_failed');
}
