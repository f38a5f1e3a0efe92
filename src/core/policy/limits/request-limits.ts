import type { ParsedClientRate, ParsedRate, ParsedRateLimits } from '../../config/resolve-limits.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Principal } from '../../exchange/principal.ts';
import type { RequestRecord } from '../../exchange/record.ts';
import type { CounterStore, Decision, Demand } from '../../stores/counter-store.ts';
import { counterKey, counterKeys } from './counter-key.ts';
import { limitHeaders, retryAfterHeader, type Told, tightest } from './limit-headers.ts';
import { Refusals } from './refusals.ts';
import { noteStoreCommand } from './store-command.ts';

/** How many requests are taken: of everybody, of an address, of a client. */
export class RequestLimits {
  readonly #store: CounterStore;
  readonly #refusals: Refusals;
  readonly #tells: boolean;
  readonly #global: Demand | undefined;
  readonly #perIp: ParsedRate | undefined;
  readonly #ipKey: ((address: readonly string[]) => string) | undefined;
  readonly #perClient: ParsedClientRate | undefined;

  constructor(
    { headers, global, perIp, perClient }: ParsedRateLimits,
    store: CounterStore,
    refusals: Refusals = new Refusals(),
  ) {
    this.#store = store;
    this.#refusals = refusals;
    this.#tells = headers;
    this.#global = global && { ...global, key: counterKey('global', [], global), amount: 1 };
    this.#perIp = perIp;
    this.#ipKey = perIp && counterKeys('ip', [], perIp);
    this.#perClient = perClient;
  }

  /**
   * Counts a request, scope by scope; the first refusal ends it. Callers without an address share one counter, and so do
   * those nobody knows. What a shared store was asked is written into `record`. Throws (or rejects with) `rate_limited`, and `store_unavailable` where that is configured.
   */
  admit(address: string | undefined, principal: Principal | undefined, record?: RequestRecord): Told | Promise<Told> {
    const demands = this.#demands(address, principal);
    if (demands.length === 0) return undefined;
    const decision = this.#store.take(demands, 'each');
    if (!(decision instanceof Promise)) return this.#judge(demands, decision);
    return decision.then((known) => {
      noteStoreCommand(record, demands, known);
      return this.#judge(demands, known);
    });
  }

  #demands(address: string | undefined, principal: Principal | undefined): Demand[] {
    const demands: Demand[] = [];
    if (this.#global !== undefined) demands.push(this.#global);
    if (this.#perIp !== undefined && this.#ipKey !== undefined) {
      const { limit, interval } = this.#perIp;
      demands.push({ key: this.#ipKey([address ?? '']), limit, interval, amount: 1 });
    }
    if (this.#perClient !== undefined) {
      const [rate, group] = rateFor(this.#perClient, principal);
      if (rate !== undefined)
        demands.push({ ...rate, key: counterKey('client', [principal?.id ?? '', group], rate), amount: 1 });
    }
    return demands;
  }

  #scopeOf(demand: Demand | undefined): 'global' | 'ip' | 'client' {
    if (demand === this.#global) return 'global';
    return demand?.key.startsWith('ip:') === true ? 'ip' : 'client';
  }

  #judge(demands: readonly Demand[], { refused, retryAfter, standings }: Decision): Told {
    const index = this.#tells ? (refused ?? tightest(demands, standings)) : undefined;
    const shown = index === undefined ? undefined : demands[index];
    const standing = index === undefined ? undefined : standings[index];
    const headers =
      shown === undefined || standing === undefined ? undefined : limitHeaders('requests', shown, standing);
    if (refused === undefined) return headers;
    this.#refusals[this.#scopeOf(demands[refused])]++;
    throw new NexusError('rate_limited', 'Rate limit exceeded', {
      ...(this.#tells ? { headers: [...retryAfterHeader(retryAfter), ...(headers ?? [])] } : {}),
    });
  }
}

/** The limit of a caller, and the group it is that of; other groups have the general one. */
export function rateFor(
  { standard, groups }: ParsedClientRate,
  principal: Principal | undefined,
): readonly [ParsedRate | undefined, string] {
  const group = principal?.group;
  const own = group === undefined ? undefined : groups[group];
  return own === undefined || group === undefined ? [standard, 'default'] : [own, group];
}
