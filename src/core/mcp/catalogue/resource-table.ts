import type { JsonObject } from '../wire/json-rpc.ts';
import { type UriMatcher, uriMatcher } from './uri-template.ts';

/** A resource or template as clients see it, and where it comes from. */
export interface ListedResource {
  /** Its URI (or URI template) towards clients. */
  readonly uri: string;
  readonly server: string;
  /** Its server's own. */
  readonly original: string;
  readonly item: JsonObject;
}

/** Where a URI is read, and under which URI there. */
export interface ResourceRoute {
  readonly server: string;
  readonly uri: string;
}

interface MatchedTemplate {
  readonly listed: ListedResource;
  readonly matcher: UriMatcher;
}

/**
 * URI → server, from the lists of all servers and, where no list names it, from their templates: the one with the most
 * fixed characters. A URI that several servers list is the first server's; the others' are offered with their server's
 * name before the scheme (`server+file:///x`), and so are templates.
 */
export class ResourceTable {
  readonly resources: readonly ListedResource[];
  readonly templates: readonly ListedResource[];
  readonly #byUri: ReadonlyMap<string, ListedResource>;
  readonly #byTemplate: ReadonlyMap<string, ListedResource>;
  readonly #matched: readonly MatchedTemplate[];

  constructor(
    parts: Iterable<
      readonly [
        server: string,
        lists: { readonly resources: readonly JsonObject[]; readonly resourceTemplates: readonly JsonObject[] },
      ]
    >,
  ) {
    const byUri = new Map<string, ListedResource>();
    const byTemplate = new Map<string, ListedResource>();
    for (const [server, { resources, resourceTemplates }] of parts) {
      for (const item of resources) enter(byUri, server, item, 'uri');
      for (const item of resourceTemplates) enter(byTemplate, server, item, 'uriTemplate');
    }
    this.#byUri = byUri;
    this.#byTemplate = byTemplate;
    this.resources = [...byUri.values()].sort((a, b) => (a.uri < b.uri ? -1 : 1));
    this.templates = [...byTemplate.values()].sort((a, b) => (a.uri < b.uri ? -1 : 1));
    this.#matched = [...byTemplate.values()]
      .flatMap((listed) => {
        const matcher = uriMatcher(listed.uri);
        return matcher === undefined ? [] : [{ listed, matcher }];
      })
      .sort((a, b) => b.matcher.weight - a.matcher.weight);
  }

  /** Where `uri` is read; `visible` tells which servers count for this caller. */
  route(uri: string, visible: (server: string) => boolean): ResourceRoute | undefined {
    const listed = this.#byUri.get(uri);
    if (listed !== undefined && visible(listed.server)) return { server: listed.server, uri: listed.original };
    for (const { listed: template, matcher } of this.#matched) {
      if (!visible(template.server) || !matcher.matches(uri)) continue;
      return { server: template.server, uri: uri.slice(template.uri.length - template.original.length) };
    }
    return undefined;
  }

  /** The server of a template, by the template's own text as it is listed. */
  template(uriTemplate: string): ListedResource | undefined {
    return this.#byTemplate.get(uriTemplate);
  }

  /** A server's URI as clients of the whole know it. */
  publicUri(server: string, uri: string): string {
    const listed = this.#byUri.get(uri);
    if (listed === undefined || listed.server === server) return uri;
    const prefixed = withServer(server, uri);
    return this.#byUri.get(prefixed)?.server === server ? prefixed : uri;
  }
}

function enter(
  table: Map<string, ListedResource>,
  server: string,
  item: JsonObject,
  member: 'uri' | 'uriTemplate',
): void {
  const original = item[member];
  if (typeof original !== 'string') return;
  const holder = table.get(original);
  if (holder === undefined) {
    table.set(original, { uri: original, server, original, item });
    return;
  }
  if (holder.server === server) return;
  const uri = withServer(server, original);
  if (!table.has(uri)) table.set(uri, { uri, server, original, item: { ...item, [member]: uri } });
}

/** `+` stands in schemes and in no server's name after this, so that two servers never make the same URI. */
function withServer(server: string, uri: string): string {
  return `${server.replace(/[^A-Za-z0-9.-]/g, '-')}+${uri}`;
}
