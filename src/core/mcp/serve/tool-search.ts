import type { Principal } from '../../exchange/principal.ts';
import type { MergedCatalogue } from '../catalogue/merged-catalogue.ts';
import type { JsonObject } from '../wire/json-rpc.ts';
import { isObject } from '../wire/message.ts';

/** A tool as the index reads it. */
export interface IndexedTool {
  /** Position in the catalogue. */
  readonly id: number;
  /** The server's own name for it. */
  readonly name: string;
  readonly server: string;
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema: unknown;
}

/** Ranks tools for a query. */
export interface ToolRanking {
  search(
    query: string | readonly string[],
    options: { readonly limit: number; readonly allowed?: (index: number) => boolean },
  ): readonly { readonly tool: IndexedTool; readonly score: number }[];
}

export type CreateRanking = (tools: readonly IndexedTool[]) => ToolRanking;

/** One hit of a search. */
export interface FoundTool {
  /** Name to execute it by. */
  readonly name: string;
  readonly description: string;
  readonly inputSchema: unknown;
  /** Positive; larger fits better. */
  readonly score: number;
}

const MOST_RESULTS = 10;

/** Search over a catalogue, indexed once per catalogue; a caller finds only what it may use. */
export class ToolSearch {
  readonly #create: CreateRanking;
  readonly #indexes = new WeakMap<MergedCatalogue, ToolRanking>();

  constructor(create: CreateRanking) {
    this.#create = create;
  }

  find(catalogue: MergedCatalogue, query: string | readonly string[], principal: Principal | undefined): FoundTool[] {
    const { allowedTools } = catalogue.visible(principal);
    const entries = catalogue.tools.entries;
    const hits = this.#index(catalogue).search(query, {
      limit: MOST_RESULTS,
      allowed: (index) => allowedTools[index] === true,
    });
    return hits
      .flatMap(({ tool, score }) => {
        const listed = entries[tool.id];
        return listed === undefined ? [] : [toFound(listed.name, listed.item, score)];
      })
      .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
  }

  #index(catalogue: MergedCatalogue): ToolRanking {
    let index = this.#indexes.get(catalogue);
    if (index === undefined) {
      index = this.#create(
        catalogue.tools.entries.map(({ server, original, item }, id) => toIndexed(id, server, original, item)),
      );
      this.#indexes.set(catalogue, index);
    }
    return index;
  }
}

function toFound(name: string, item: JsonObject, score: number): FoundTool {
  const { description, inputSchema } = item;
  const words = typeof description === 'string' && description !== '' ? description : 'No description available';
  return { name, description: words, inputSchema: inputSchema ?? {}, score };
}

function toIndexed(id: number, server: string, name: string, item: JsonObject): IndexedTool {
  const { title: own, description, annotations, inputSchema } = item;
  const title = typeof own === 'string' ? own : isObject(annotations) ? annotations['title'] : undefined;
  return {
    id,
    name,
    server,
    ...(typeof title === 'string' ? { title } : {}),
    ...(typeof description === 'string' ? { description } : {}),
    inputSchema,
  };
}
