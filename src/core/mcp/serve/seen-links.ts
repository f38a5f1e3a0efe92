import type { JsonObject } from '../wire/json-rpc.ts';
import { isObject } from '../wire/message.ts';

const MOST = 2000;

/**
 * Where the resources come from that results have pointed to: a link in the result of a tool is readable for the caller
 * who got it, though no list names it. The oldest are forgotten first.
 */
export class SeenLinks {
  readonly #servers = new Map<string, string>();

  /** Notes the links and embedded resources of a result. */
  note(scope: string, server: string, result: JsonObject): void {
    const { content } = result;
    if (!Array.isArray(content)) return;
    for (const item of content) {
      if (!isObject(item)) continue;
      const { resource } = item;
      const uri = item['type'] === 'resource_link' ? item['uri'] : isObject(resource) ? resource['uri'] : undefined;
      if (typeof uri === 'string') this.#set(key(scope, uri), server);
    }
  }

  server(scope: string, uri: string): string | undefined {
    return this.#servers.get(key(scope, uri));
  }

  #set(link: string, server: string): void {
    this.#servers.delete(link);
    this.#servers.set(link, server);
    if (this.#servers.size <= MOST) return;
    for (const oldest of this.#servers.keys()) {
      this.#servers.delete(oldest);
      break;
    }
  }
}

function key(scope: string, uri: string): string {
  return `${scope.length}:${scope}${uri}`;
}
