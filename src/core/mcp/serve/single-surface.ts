import type { CallContext, Caller } from '../caller.ts';
import type { Aggregate } from '../catalogue/aggregate.ts';
import type { FeedChange } from '../catalogue/change-feed.ts';
import type { Catalogue, Upstream } from '../upstream/upstream.ts';
import type { JsonObject } from '../wire/json-rpc.ts';
import { isObject } from '../wire/message.ts';
import { type MirroredParam, mirroredParams } from '../wire/param-headers.ts';
import { notePrompt, noteResource, noteTool } from './observed-call.ts';
import {
  type Description,
  refuseCursor,
  requiredText,
  type Surface,
  unknownPrompt,
  unknownResource,
  unknownTool,
} from './surface.ts';

/** One server alone under its own names; everything it can do is relayed. */
export class SingleSurface implements Surface {
  readonly key: string;
  readonly serverInfo: JsonObject;
  readonly #upstream: Upstream;
  readonly #aggregate: Aggregate;

  constructor(upstream: Upstream, aggregate: Aggregate, version: string) {
    this.key = `server:${upstream.name}`;
    this.serverInfo = { name: upstream.name, version };
    this.#upstream = upstream;
    this.#aggregate = aggregate;
  }

  async describe(caller: Caller): Promise<Description> {
    const { capabilities, instructions } = await this.#upstream.catalogue(caller);
    return { capabilities: relayable(capabilities), instructions };
  }

  async request(method: string, params: JsonObject, call: CallContext): Promise<JsonObject> {
    switch (method) {
      case 'tools/list':
        return { tools: await this.#tools(params, call.caller) };
      case 'prompts/list':
        return { prompts: await this.#list('prompts', params, call.caller) };
      case 'resources/list':
        return { resources: await this.#list('resources', params, call.caller) };
      case 'resources/templates/list':
        return { resourceTemplates: await this.#list('resourceTemplates', params, call.caller) };
      case 'tools/call':
        await this.#admitTool(requiredText(params, 'name'), call.caller);
        if (call.observed !== undefined)
          noteTool(call, this.#upstream.name, await this.#listed('tools', params, call.caller));
        break;
      case 'prompts/get':
        requiredText(params, 'name');
        if (!this.#isOpen(call.caller)) throw unknownPrompt();
        if (call.observed !== undefined)
          notePrompt(call, this.#upstream.name, await this.#listed('prompts', params, call.caller));
        break;
      case 'resources/read': {
        const uri = requiredText(params, 'uri');
        if (!this.#isOpen(call.caller)) throw unknownResource(uri);
        noteResource(call, this.#upstream.name, uri);
        break;
      }
      default:
        if (!this.#isOpen(call.caller)) throw unknownPrompt();
    }
    return this.#upstream.request(method, params, call);
  }

  async mirrored(tool: string, caller: Caller): Promise<readonly MirroredParam[]> {
    const { tools } = await this.#upstream.catalogue(caller);
    return mirroredParams(tools.find(({ name }) => name === tool)?.['inputSchema']);
  }

  watch(uri: string, caller: Caller): Promise<() => void> {
    if (!this.#isOpen(caller)) return Promise.reject(unknownResource(uri));
    return this.#upstream.subscribe(uri, caller);
  }

  listen(listener: (change: FeedChange) => void): () => void {
    return this.#aggregate.feed.listen((server, change) => {
      if (server === this.#upstream.name) listener(change);
    });
  }

  notify(method: string, params: JsonObject, caller: Caller): void {
    this.#upstream.notify?.(method, params, caller);
  }

  setLogLevel(level: string): void {
    this.#upstream.setLogLevel(level);
  }

  async #tools(params: JsonObject, caller: Caller): Promise<readonly JsonObject[]> {
    refuseCursor(params);
    const { tools } = await this.#upstream.catalogue(caller);
    return tools.filter(({ name }) => this.#allows(name, caller));
  }

  async #list(
    member: 'prompts' | 'resources' | 'resourceTemplates',
    params: JsonObject,
    caller: Caller,
  ): Promise<readonly JsonObject[]> {
    refuseCursor(params);
    if (!this.#isOpen(caller)) return [];
    const catalogue: Catalogue = await this.#upstream.catalogue(caller);
    return catalogue[member];
  }

  /** The name a call is for, where the server lists it. */
  async #listed(member: 'tools' | 'prompts', params: JsonObject, caller: Caller): Promise<string | undefined> {
    const { name } = params;
    const catalogue = await this.#upstream.catalogue(caller);
    return typeof name === 'string' && catalogue[member].some((one) => one['name'] === name) ? name : undefined;
  }

  /** A server without rules judges names itself, also names it does not list; with rules only listed ones pass. */
  async #admitTool(name: string, caller: Caller): Promise<void> {
    if (!this.#aggregate.access.restricts(this.#upstream.name)) return;
    const { tools } = await this.#upstream.catalogue(caller);
    if (!this.#allows(name, caller) || !tools.some((tool) => tool['name'] === name)) throw unknownTool();
  }

  #allows(tool: unknown, caller: Caller): boolean {
    return typeof tool === 'string' && this.#aggregate.access.tool(this.#upstream.name, tool, caller.principal);
  }

  #isOpen(caller: Caller): boolean {
    return this.#aggregate.access.server(this.#upstream.name, caller.principal);
  }
}

const LISTS: readonly string[] = ['tools', 'prompts', 'resources'];

/** Of what a server declares, what works through us; of a server that has said nothing yet, what may come. */
function relayable(declared: JsonObject): JsonObject {
  const unknown = Object.keys(declared).length === 0;
  const capabilities: Record<string, JsonObject> = {};
  for (const list of LISTS) {
    const said = declared[list];
    if (!unknown && !isObject(said)) continue;
    // A server that changes without a word is still told apart when it comes back.
    const watched = list === 'resources' && (unknown || (isObject(said) && said['subscribe'] === true));
    capabilities[list] = watched ? { listChanged: true, subscribe: true } : { listChanged: true };
  }
  if (isObject(declared['completions'])) capabilities['completions'] = {};
  if (isObject(declared['logging'])) capabilities['logging'] = {};
  return capabilities;
}
