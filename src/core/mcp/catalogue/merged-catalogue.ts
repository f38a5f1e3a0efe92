import type { Principal } from '../../exchange/principal.ts';
import type { Catalogue } from '../upstream/upstream.ts';
import type { JsonObject } from '../wire/json-rpc.ts';
import type { AccessRules } from './access.ts';
import { type Listed, NameTable } from './name-table.ts';
import { ResourceTable } from './resource-table.ts';

/** One server's lists. */
export type Part = readonly [server: string, catalogue: Catalogue];

/** What a caller may see of a merged catalogue, in a stable order. */
export interface Visible {
  readonly tools: readonly JsonObject[];
  readonly prompts: readonly JsonObject[];
  readonly resources: readonly JsonObject[];
  readonly resourceTemplates: readonly JsonObject[];
  /** Per tool of the whole catalogue, in the order of `MergedCatalogue.tools.entries`. */
  readonly allowedTools: readonly boolean[];
  /** Names of the servers something of which may be used. */
  readonly servers: readonly string[];
}

/** The lists of several servers as one: names and URIs that lead back to their server. */
export class MergedCatalogue {
  readonly tools: NameTable;
  readonly prompts: NameTable;
  readonly resources: ResourceTable;
  readonly parts: readonly Part[];
  readonly #access: AccessRules;
  readonly #views = new Map<string, Visible>();

  constructor(parts: readonly Part[], access: AccessRules, namespace: boolean) {
    this.parts = parts;
    this.#access = access;
    this.tools = new NameTable(
      parts.map(([server, { tools }]) => [server, tools] as const),
      namespace,
    );
    this.prompts = new NameTable(
      parts.map(([server, { prompts }]) => [server, prompts] as const),
      namespace,
    );
    this.resources = new ResourceTable(parts);
  }

  /** The part for a caller; made once for all callers of the same standing. */
  visible(principal: Principal | undefined): Visible {
    const standing = this.#access.standing(principal);
    let view = this.#views.get(standing);
    if (view === undefined) {
      view = this.#view(principal);
      this.#views.set(standing, view);
    }
    return view;
  }

  /** A tool the caller may use; undefined for all others, whether they exist or not. */
  tool(name: string, principal: Principal | undefined): Listed | undefined {
    const listed = this.tools.get(name);
    return listed !== undefined && this.#access.tool(listed.server, listed.original, principal) ? listed : undefined;
  }

  prompt(name: string, principal: Principal | undefined): Listed | undefined {
    const listed = this.prompts.get(name);
    return listed !== undefined && this.#access.server(listed.server, principal) ? listed : undefined;
  }

  #view(principal: Principal | undefined): Visible {
    const access = this.#access;
    const ofVisible = ({ server }: { readonly server: string }): boolean => access.server(server, principal);
    const allowedTools = this.tools.entries.map(({ server, original }) => access.tool(server, original, principal));
    return {
      tools: this.tools.entries.flatMap(({ item }, index) => (allowedTools[index] === true ? [item] : [])),
      prompts: this.prompts.entries.filter(ofVisible).map(({ item }) => item),
      resources: this.resources.resources.filter(ofVisible).map(({ item }) => item),
      resourceTemplates: this.resources.templates.filter(ofVisible).map(({ item }) => item),
      allowedTools,
      servers: this.parts.map(([server]) => server).filter((server) => access.reaches(server, principal)),
    };
  }
}
