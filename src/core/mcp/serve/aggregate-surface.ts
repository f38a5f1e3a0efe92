import { setMaxListeners } from 'node:events';
import type { CallContext, Caller } from '../caller.ts';
import type { Aggregate } from '../catalogue/aggregate.ts';
import type { FeedChange } from '../catalogue/change-feed.ts';
import type { MergedCatalogue } from '../catalogue/merged-catalogue.ts';
import type { ResourceRoute } from '../catalogue/resource-table.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { JsonObject } from '../wire/json-rpc.ts';
import { isObject } from '../wire/message.ts';
import { type MirroredParam, mirroredParams } from '../wire/param-headers.ts';
import { readKeywords, readRuns, type ToolRun } from './execute-params.ts';
import { joinRuns, type RunOutcome } from './joined-runs.ts';
import { noteOwnTool, notePrompt, noteResource, noteSearch, noteTool, observeRun } from './observed-call.ts';
import { searchTools } from './search-tools.ts';
import { SeenLinks } from './seen-links.ts';
import {
  type Description,
  invalidParams,
  refuseCursor,
  requiredText,
  type Surface,
  unknownPrompt,
  unknownResource,
  unknownTool,
} from './surface.ts';
import type { ToolSearch } from './tool-search.ts';

export interface AggregateSurfaceOptions {
  /** Offer `search` and `execute`, or all tools themselves. */
  readonly tools: 'search' | 'all';
  readonly structuredContent: boolean;
  /** Name towards clients; default: one made of the servers. */
  readonly name: string | undefined;
  readonly version: string;
  readonly search: ToolSearch;
}

const CAPABILITIES: JsonObject = {
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  completions: {},
  logging: {},
};

/** All servers as one. */
export class AggregateSurface implements Surface {
  readonly key = 'all';
  readonly serverInfo: JsonObject;
  readonly #aggregate: Aggregate;
  readonly #options: AggregateSurfaceOptions;
  readonly #links = new SeenLinks();
  /** Watched URIs, as clients know them, by server and the server's own URI. */
  readonly #watched = new Map<string, Map<string, number>>();
  readonly #twoTools: readonly JsonObject[];

  constructor(aggregate: Aggregate, options: AggregateSurfaceOptions) {
    this.#aggregate = aggregate;
    this.#options = options;
    const names = [...aggregate.upstreams.keys()].sort().join(', ');
    const name = options.name ?? (names === '' ? 'Tool Aggregator' : `Tool Aggregator (${names})`);
    this.serverInfo = { name, version: options.version };
    this.#twoTools = searchTools(options.structuredContent);
  }

  async describe(caller: Caller): Promise<Description> {
    const { servers } = (await this.#aggregate.catalogue(caller)).visible(caller.principal);
    const isSearch = this.#options.tools === 'search';
    return {
      capabilities: { tools: isSearch ? {} : { listChanged: true }, ...CAPABILITIES },
      instructions: isSearch ? searchInstructions(servers) : undefined,
    };
  }

  async request(method: string, params: JsonObject, call: CallContext): Promise<JsonObject> {
    if (method === 'tools/call' && this.#options.tools === 'search') return this.#callOwn(params, call);
    const { principal } = call.caller;
    if (method === 'tools/list' && this.#options.tools === 'search') {
      refuseCursor(params);
      return { tools: this.#twoTools };
    }
    const catalogue = await this.#aggregate.catalogue(call.caller);
    switch (method) {
      case 'tools/list':
        refuseCursor(params);
        return { tools: catalogue.visible(principal).tools };
      case 'prompts/list':
        refuseCursor(params);
        return { prompts: catalogue.visible(principal).prompts };
      case 'resources/list':
        refuseCursor(params);
        return { resources: catalogue.visible(principal).resources };
      case 'resources/templates/list':
        refuseCursor(params);
        return { resourceTemplates: catalogue.visible(principal).resourceTemplates };
      case 'tools/call':
        return this.#callTool(catalogue, requiredText(params, 'name'), params, call);
      case 'prompts/get': {
        const listed = catalogue.prompt(requiredText(params, 'name'), principal);
        if (listed === undefined) throw unknownPrompt();
        notePrompt(call, listed.server, listed.original);
        return this.#upstream(listed.server).request(method, { ...params, name: listed.original }, call);
      }
      case 'resources/read':
        return this.#read(catalogue, requiredText(params, 'uri'), params, call);
      case 'completion/complete':
        return this.#complete(catalogue, params, call);
      default:
        throw unknownTool();
    }
  }

  async mirrored(tool: string, caller: Caller): Promise<readonly MirroredParam[]> {
    if (this.#options.tools === 'search') return [];
    const listed = (await this.#aggregate.catalogue(caller)).tool(tool, caller.principal);
    return mirroredParams(listed?.item['inputSchema']);
  }

  async watch(uri: string, caller: Caller): Promise<() => void> {
    const route = this.#route(await this.#aggregate.catalogue(caller), uri, caller);
    if (route === undefined) throw unknownResource(uri);
    const stop = await this.#upstream(route.server).subscribe(route.uri, caller);
    const key = watchKey(route.server, route.uri);
    const uris = this.#watched.get(key) ?? new Map<string, number>();
    this.#watched.set(key, uris);
    uris.set(uri, (uris.get(uri) ?? 0) + 1);
    let stopped = false;
    return () => {
      if (stopped) return;
      stopped = true;
      const left = (uris.get(uri) ?? 1) - 1;
      if (left > 0) uris.set(uri, left);
      else uris.delete(uri);
      if (uris.size === 0) this.#watched.delete(key);
      stop();
    };
  }

  listen(listener: (change: FeedChange) => void): () => void {
    return this.#aggregate.feed.listen((server, change) => {
      if (change.kind === 'resource') {
        for (const uri of this.#watched.get(watchKey(server, change.uri))?.keys() ?? [])
          listener({ kind: 'resource', uri });
      } else if (change.kind !== 'tools' || this.#options.tools === 'all') listener(change);
    });
  }

  notify(method: string, params: JsonObject, caller: Caller): void {
    for (const [server, upstream] of this.#aggregate.upstreams) {
      if (this.#aggregate.access.reaches(server, caller.principal)) upstream.notify?.(method, params, caller);
    }
  }

  setLogLevel(level: string): void {
    for (const upstream of this.#aggregate.upstreams.values()) upstream.setLogLevel(level);
  }

  async #callOwn(params: JsonObject, call: CallContext): Promise<JsonObject> {
    const name = requiredText(params, 'name');
    noteOwnTool(call, name);
    if (name === 'search') {
      const keywords = readKeywords(params['arguments']);
      const catalogue = await this.#aggregate.catalogue(call.caller);
      const results = this.#options.search
        .find(catalogue, keywords, call.caller.principal)
        .map(({ name: found, description, inputSchema, score }) => ({
          name: found,
          description,
          input_schema: inputSchema,
          score,
        }));
      noteSearch(call, keywords.length, results.length);
      const content = results.map((result) => ({ type: 'text', text: JSON.stringify(result) }));
      return this.#options.structuredContent ? { content, structuredContent: { results } } : { content };
    }
    if (name !== 'execute') throw unknownTool();
    const { runs, several } = readRuns(params['arguments']);
    const catalogue = await this.#aggregate.catalogue(call.caller);
    const [first] = runs;
    if (several || first === undefined) return this.#runSeveral(catalogue, runs, call);
    return this.#callTool(catalogue, first.name, { ...params, arguments: first.args }, call);
  }

  /** Side by side; what they ask of the client is asked for each of them, so no answer ends the whole. */
  async #runSeveral(catalogue: MergedCatalogue, runs: readonly ToolRun[], call: CallContext): Promise<JsonObject> {
    const each: CallContext = { ...call, relayInputRequired: false };
    // Every run listens for the one client's leaving, which is no leak.
    setMaxListeners(0, call.signal);
    const outcomes = await Promise.all(
      runs.map(async ({ name, args }): Promise<RunOutcome> => {
        try {
          const run = (one: CallContext) => this.#callTool(catalogue, name, { arguments: args }, one);
          return { name, result: await observeRun(each, run) };
        } catch (error) {
          if (call.signal.aborted) throw error;
          return { name, error };
        }
      }),
    );
    return joinRuns(outcomes, this.#options.structuredContent);
  }

  async #callTool(
    catalogue: MergedCatalogue,
    name: string,
    params: JsonObject,
    call: CallContext,
  ): Promise<JsonObject> {
    const listed = catalogue.tool(name, call.caller.principal);
    if (listed === undefined) throw unknownTool();
    const { server, original } = listed;
    noteTool(call, server, original);
    const result = await this.#upstream(server).request('tools/call', { ...params, name: original }, call);
    this.#links.note(linkScope(call.caller), server, result);
    return result;
  }

  async #read(catalogue: MergedCatalogue, uri: string, params: JsonObject, call: CallContext): Promise<JsonObject> {
    const route = this.#route(catalogue, uri, call.caller);
    if (route === undefined) throw unknownResource(uri);
    noteResource(call, route.server, route.uri);
    const result = await this.#upstream(route.server).request('resources/read', { ...params, uri: route.uri }, call);
    const { contents } = result;
    if (route.uri === uri || !Array.isArray(contents)) return result;
    const renamed = contents.map((one: unknown) => (isObject(one) && one['uri'] === route.uri ? { ...one, uri } : one));
    return { ...result, contents: renamed };
  }

  async #complete(catalogue: MergedCatalogue, params: JsonObject, call: CallContext): Promise<JsonObject> {
    const { ref } = params;
    if (!isObject(ref)) throw invalidParams('"ref" must be an object');
    if (ref['type'] === 'ref/prompt') {
      const listed = catalogue.prompt(requiredText(ref, 'name'), call.caller.principal);
      if (listed === undefined) throw unknownPrompt();
      const sent = { ...params, ref: { ...ref, name: listed.original } };
      return this.#upstream(listed.server).request('completion/complete', sent, call);
    }
    if (ref['type'] !== 'ref/resource') throw invalidParams('"ref.type" must be "ref/prompt" or "ref/resource"');
    const uri = requiredText(ref, 'uri');
    const template = catalogue.resources.template(uri);
    const isVisible = template !== undefined && this.#aggregate.access.server(template.server, call.caller.principal);
    const route: ResourceRoute | undefined = isVisible
      ? { server: template.server, uri: template.original }
      : this.#route(catalogue, uri, call.caller);
    if (route === undefined) throw unknownResource(uri);
    const sent = { ...params, ref: { ...ref, uri: route.uri } };
    return this.#upstream(route.server).request('completion/complete', sent, call);
  }

  #route(catalogue: MergedCatalogue, uri: string, caller: Caller): ResourceRoute | undefined {
    const visible = (server: string): boolean => this.#aggregate.access.server(server, caller.principal);
    const listed = catalogue.resources.route(uri, visible);
    if (listed !== undefined) return listed;
    const server = this.#links.server(linkScope(caller), uri);
    return server !== undefined && this.#aggregate.access.reaches(server, caller.principal)
      ? { server, uri }
      : undefined;
  }

  #upstream(server: string): Upstream {
    const upstream = this.#aggregate.upstreams.get(server);
    if (upstream === undefined) throw unknownTool();
    return upstream;
  }
}

/** Links are the principal's: one stateless call finds them, the next one reads them. */
function linkScope({ principal, scope }: Caller): string {
  return principal === undefined ? (scope.split('#', 1)[0] ?? '') : `principal:${principal.id}`;
}

function watchKey(server: string, uri: string): string {
  return `${server.length}:${server}${uri}`;
}

function searchInstructions(servers: readonly string[]): string {
  if (servers.length === 0) return 'This server offers the tools of other MCP servers, but none is available to you.';
  const list = servers.map((server) => `- ${server}`).join('\n');
  return `This server offers the tools of other MCP servers. Call "search" with a few keywords first to find tools, then run them with "execute" under the exact names that were found. Available servers:\n${list}`;
}
