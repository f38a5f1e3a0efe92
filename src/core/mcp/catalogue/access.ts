import type { Principal } from '../../exchange/principal.ts';

/** Groups that may, and groups that may not. */
export interface GroupRule {
  readonly allow?: readonly string[] | undefined;
  readonly deny?: readonly string[] | undefined;
}

/** The rules of one server; a tool's own rule replaces them for that tool. */
export interface ServerRule extends GroupRule {
  readonly tools?: Readonly<Record<string, GroupRule | undefined>> | undefined;
}

export interface AccessOptions {
  /** What callers without a group see: what the rules leave them (default), or nothing at all. */
  readonly groupless?: 'rules' | 'hidden' | undefined;
}

/** Who may use which server and which tool. What is not allowed is treated as unknown everywhere. */
export class AccessRules {
  readonly #servers: ReadonlyMap<string, ServerRule>;
  readonly #hidesGroupless: boolean;
  readonly #groups = new Set<string>();

  constructor(servers: Iterable<readonly [string, ServerRule]>, options: AccessOptions = {}) {
    this.#servers = new Map(servers);
    this.#hidesGroupless = options.groupless === 'hidden';
    for (const rule of this.#servers.values()) {
      for (const one of [rule, ...Object.values(rule.tools ?? {})]) {
        for (const group of [...(one?.allow ?? []), ...(one?.deny ?? [])]) this.#groups.add(group);
      }
    }
  }

  /**
   * A text that is equal for callers who may do the same: their group where a rule names it. The number of such texts
   * is bounded by the rules, whatever groups callers bring.
   */
  standing(principal: Principal | undefined): string {
    const group = principal?.group;
    if (group === undefined) return 'none';
    return this.#groups.has(group) ? `group:${group}` : 'other';
  }

  /** Whether a caller may use a server as a whole: its prompts, its resources, the tools without a rule of their own. */
  server(server: string, principal: Principal | undefined): boolean {
    return this.#visible(principal) && permits(this.#servers.get(server), principal?.group);
  }

  tool(server: string, tool: string, principal: Principal | undefined): boolean {
    if (!this.#visible(principal)) return false;
    const rules = this.#servers.get(server);
    const own = rules?.tools !== undefined && Object.hasOwn(rules.tools, tool) ? rules.tools[tool] : undefined;
    const counts = own !== undefined && (own.allow !== undefined || own.deny !== undefined);
    return permits(counts ? own : rules, principal?.group);
  }

  /** Whether any rule at all holds for a server. */
  restricts(server: string): boolean {
    if (this.#hidesGroupless) return true;
    const rules = this.#servers.get(server);
    if (rules === undefined) return false;
    return [rules, ...Object.values(rules.tools ?? {})].some(
      (rule) => rule?.allow !== undefined || rule?.deny !== undefined,
    );
  }

  /** Whether anything of a server may be used: the server, or a tool with a rule of its own. */
  reaches(server: string, principal: Principal | undefined): boolean {
    if (this.server(server, principal)) return true;
    return Object.keys(this.#servers.get(server)?.tools ?? {}).some((tool) => this.tool(server, tool, principal));
  }

  #visible(principal: Principal | undefined): boolean {
    return !this.#hidesGroupless || principal?.group !== undefined;
  }
}

function permits(rule: GroupRule | undefined, group: string | undefined): boolean {
  if (rule === undefined) return true;
  if (group !== undefined && rule.deny?.includes(group) === true) return false;
  return rule.allow === undefined || (group !== undefined && rule.allow.includes(group));
}
