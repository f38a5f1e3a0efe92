import type { ParsedRate, ParsedServerRates } from '../../config/resolve-limits.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { RequestRecord } from '../../exchange/record.ts';
import type { CounterStore, Decision, Demand } from '../../stores/counter-store.ts';
import { counterKey } from './counter-key.ts';
import { retryAfterHeader } from './limit-headers.ts';
import { Refusals } from './refusals.ts';
import { noteStoreCommand } from './store-command.ts';

interface ServerDemands {
  /** What all tools without a limit of their own share. */
  readonly standard: readonly Demand[];
  readonly tools: ReadonlyMap<string, readonly Demand[]>;
}

/** How often MCP servers are called. A tool's own limit stands in the place of its server's. */
export class ToolLimits {
  readonly #store: CounterStore;
  readonly #refusals: Refusals;
  readonly #servers: ReadonlyMap<string, ServerDemands>;

  constructor(
    rates: Iterable<readonly [string, ParsedServerRates]>,
    store: CounterStore,
    refusals: Refusals = new Refusals(),
  ) {
    this.#store = store;
    this.#refusals = refusals;
    this.#servers = new Map([...rates].map(([server, of]) => [server, demandsOf(server, of)]));
  }

  /** Whether a server has limits. */
  has(server: string): boolean {
    return this.#servers.has(server);
  }

  /**
   * Counts one call; `tool` is absent for what a server does besides its tools. Throws (or rejects with) `rate_limited`,
   * and `store_unavailable` where that is configured.
   */
  admit(server: string, tool: string | undefined, record?: RequestRecord): void | Promise<void> {
    const demands = this.#servers.get(server);
    if (demands === undefined) return;
    const own = tool === undefined ? undefined : demands.tools.get(tool);
    const asked = own ?? demands.standard;
    const decision = this.#store.take(asked, 'each');
    const scope = own === undefined ? 'server' : 'tool';
    if (!(decision instanceof Promise)) return this.#judge(decision, scope);
    return decision.then((known) => {
      noteStoreCommand(record, asked, known);
      this.#judge(known, scope);
    });
  }

  #judge({ refused, retryAfter }: Decision, scope: 'server' | 'tool'): void {
    if (refused === undefined) return;
    this.#refusals[scope]++;
    throw new NexusError('rate_limited', 'Rate limit exceeded', { headers: retryAfterHeader(retryAfter) });
  }
}

function demandsOf(server: string, rates: ParsedServerRates): ServerDemands {
  return {
    standard: [demand([server], rates)],
    tools: new Map(Object.entries(rates.tools).map(([tool, rate]) => [tool, [demand([server, 'tool', tool], rate)]])),
  };
}

function demand(names: readonly string[], { limit, interval }: ParsedRate): Demand {
  return { key: counterKey('server', names, { limit, interval }), limit, interval, amount: 1 };
}
