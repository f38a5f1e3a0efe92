import type { CallContext, Caller } from '../../src/core/mcp/caller.ts';
import type { Catalogue, Upstream, UpstreamChange } from '../../src/core/mcp/upstream/upstream.ts';
import { type JsonObject, JsonRpcError } from '../../src/core/mcp/wire/json-rpc.ts';

export type Answering = (method: string, params: JsonObject, call: CallContext) => Promise<JsonObject> | JsonObject;

export interface MemoryLists {
  readonly tools?: readonly JsonObject[];
  readonly prompts?: readonly JsonObject[];
  readonly resources?: readonly JsonObject[];
  readonly resourceTemplates?: readonly JsonObject[];
  readonly capabilities?: JsonObject;
  readonly instructions?: string;
}

export interface ReceivedRequest {
  readonly method: string;
  readonly params: JsonObject;
  readonly call: CallContext;
}

/** A server in memory, as the upstream layer presents one: what it was asked is on record, what it answers is given. */
export class MemoryUpstream implements Upstream {
  readonly name: string;
  readonly state = 'ready';
  readonly problem = undefined;
  readonly received: ReceivedRequest[] = [];
  readonly levels: string[] = [];
  readonly watched: string[] = [];
  /** Notifications of clients: method and scope. */
  readonly notified: [string, string][] = [];
  readonly #listeners = new Set<(change: UpstreamChange) => void>();
  readonly #answering: Answering;
  #catalogue: Catalogue;
  closed = false;

  constructor(name: string, lists: MemoryLists, answering: Answering = () => ({ content: [] })) {
    this.name = name;
    this.#answering = answering;
    this.#catalogue = complete(lists);
  }

  catalogue(_caller: Caller): Promise<Catalogue> {
    return Promise.resolve(this.#catalogue);
  }

  async request(method: string, params: JsonObject, call: CallContext): Promise<JsonObject> {
    this.received.push({ method, params, call });
    return this.#answering(method, params, call);
  }

  async subscribe(uri: string): Promise<() => void> {
    this.watched.push(uri);
    return () => {
      this.watched.splice(this.watched.indexOf(uri), 1);
    };
  }

  notify(method: string, _params: JsonObject, { scope }: Caller): void {
    this.notified.push([method, scope]);
  }

  setLogLevel(level: string): void {
    this.levels.push(level);
  }

  onChange(listener: (change: UpstreamChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  /** From now on it lists these, and says so. */
  relist(lists: MemoryLists, kind: 'tools' | 'prompts' | 'resources' | 'state' = 'tools'): void {
    this.#catalogue = complete(lists);
    this.tell({ kind });
  }

  tell(change: UpstreamChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function complete(lists: MemoryLists): Catalogue {
  return {
    tools: lists.tools ?? [],
    prompts: lists.prompts ?? [],
    resources: lists.resources ?? [],
    resourceTemplates: lists.resourceTemplates ?? [],
    capabilities: lists.capabilities ?? {
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { listChanged: true, subscribe: true },
      completions: {},
      logging: {},
    },
    instructions: lists.instructions,
  };
}

/** Resolves only when the call is cancelled, with the rejection the upstream layer gives. */
export function untilCancelled({ signal }: CallContext): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new JsonRpcError(-32603, 'The call was cancelled')), { once: true });
  });
}

/** A tool as a server lists it. */
export function tool(
  name: string,
  description = `The ${name} tool`,
  inputSchema: JsonObject = { type: 'object' },
): JsonObject {
  return { name, description, inputSchema };
}
