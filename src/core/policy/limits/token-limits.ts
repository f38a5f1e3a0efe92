import type { ParsedTokenLimit, ParsedTokenRate } from '../../config/resolve-limits.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Principal } from '../../exchange/principal.ts';
import type { RequestRecord } from '../../exchange/record.ts';
import type { CounterStore, Decision, Demand } from '../../stores/counter-store.ts';
import { Reservation } from '../../stores/reservation.ts';
import { counterKey } from './counter-key.ts';
import { limitHeaders, retryAfterHeader, type Told, tightest } from './limit-headers.ts';
import { ModelPattern } from './model-pattern.ts';
import { Refusals } from './refusals.ts';
import { rateFor } from './request-limits.ts';
import { noteStoreCommand } from './store-command.ts';

/** The limits of one provider, in the form its part of the configuration has. */
export interface ProviderTokenRates {
  readonly tokenRate: ParsedTokenRate | undefined;
  readonly models: Readonly<Record<string, { readonly tokenRate: ParsedTokenRate | undefined } | undefined>>;
}

export interface TokenLimitsOptions {
  /** By the provider's name. No prototype. */
  readonly providers: Readonly<Record<string, ProviderTokenRates | undefined>>;
  readonly limits: readonly ParsedTokenLimit[];
  /** Whether answers tell about limits of providers and models; `limits` always do. */
  readonly tells: boolean;
  readonly store: CounterStore;
  readonly refusals?: Refusals | undefined;
}

/** A model call that is about to be made. Tokens are counted only where a limit asks. */
export interface TokenCall {
  readonly record: RequestRecord;
  readonly principal: Principal | undefined;
  readonly provider: string;
  /** The model as clients name it, without the provider. */
  readonly model: string;
  /** Tokens of the texts of the messages, which is what limits of providers and models count. */
  readonly promptTokens: () => number;
  /** Tokens of all the model reads, about. */
  readonly inputTokens: () => number;
  /** Most tokens the caller lets the model write; 0 where it does not say. */
  readonly outputBound: () => number;
  /** Stands before the message of a refusal. */
  readonly prefix: string;
}

interface NamedLimit extends ParsedTokenLimit {
  readonly patterns: readonly ModelPattern[] | undefined;
}

/**
 * How many tokens callers may use. Limits of providers and models book an estimate of the prompt, for good. Limits of
 * `llm.token_limits` reserve an estimate and are settled by the sealed record: register `settle` as a sink.
 */
export class TokenLimits {
  readonly #options: TokenLimitsOptions;
  readonly #refusals: Refusals;
  readonly #limits: readonly NamedLimit[];
  readonly #booked = new WeakMap<Readonly<RequestRecord>, readonly Booked[]>();

  constructor(options: TokenLimitsOptions) {
    this.#options = options;
    this.#refusals = options.refusals ?? new Refusals();
    this.#limits = options.limits.map((limit) => ({
      ...limit,
      patterns: limit.models?.map((pattern) => new ModelPattern(pattern)),
    }));
  }

  /** Whether records must come back to be settled. */
  get settles(): boolean {
    return this.#limits.length > 0;
  }

  /**
   * Books a call with all limits that hold for it, or with none more. Throws (or rejects with) `rate_limited`, and
   * `store_unavailable` where that is configured. A further call for the same record, to another target, keeps what is
   * reserved with limits that hold for both, and gives back the rest.
   */
  admit(call: TokenCall): Told | Promise<Told> {
    const kept = this.#keepBooked(call);
    const own = this.#ownDemand(call);
    const limits = this.#limits.filter(
      (limit) => applies(limit, call) && !kept.some((booked) => booked.limit === limit),
    );
    if (own === undefined && limits.length === 0) return undefined;
    const demands = limits.map((limit) => this.#limitDemand(limit, call));
    if (own !== undefined) demands.push(own);
    const decision = this.#options.store.take(demands, 'all');
    if (!(decision instanceof Promise)) return this.#judge(call, demands, limits, decision);
    return decision.then((known) => {
      noteStoreCommand(call.record, demands, known, true);
      return this.#judge(call, demands, limits, known);
    });
  }

  /** Puts what was reserved for a request right: what was used, or nothing. */
  readonly settle = (record: Readonly<RequestRecord>): void => {
    const booked = this.#booked.get(record);
    if (booked === undefined) return;
    this.#booked.delete(record);
    let { input = 0, output = 0 } = record.usage ?? {};
    for (const { usage } of record.charges) {
      input += usage.input;
      output += usage.output;
    }
    for (const { limit, reservation } of booked) {
      reservation.settle([limit.count.reduce((sum, kind) => sum + (kind === 'input' ? input : output), 0)]);
    }
  };

  #keepBooked(call: TokenCall): readonly Booked[] {
    const booked = this.#booked.get(call.record);
    if (booked === undefined) return NOTHING;
    for (const { limit, reservation } of booked) if (!applies(limit, call)) reservation.cancel();
    const kept = booked.filter(({ limit }) => applies(limit, call));
    this.#booked.set(call.record, kept);
    return kept;
  }

  /** The model's limit where it has one, else the provider's. */
  #ownDemand(call: TokenCall): Demand | undefined {
    const { provider, model, principal, prefix } = call;
    const rates = this.#options.providers[provider];
    const ofModel = rates?.models[model]?.tokenRate;
    const rule = ofModel ?? rates?.tokenRate;
    if (rule === undefined) return undefined;
    const [rate, group] = rateFor(rule, principal);
    if (rate === undefined || rate.limit === 0) return undefined;
    const amount = call.promptTokens();
    if (amount === 0) return undefined;
    if (amount > rate.limit) throw this.#tooLarge(prefix);
    const counted = ofModel === undefined && rule.shared ? [provider] : [provider, model];
    return { ...rate, key: counterKey('token', [principal?.id ?? '', group, ...counted], rate), amount };
  }

  /** What the caller lets the model write is reserved as far as the limit goes: it is a bound, not a wish. */
  #limitDemand(limit: NamedLimit, call: TokenCall): Demand {
    const { name, by, count, limit: most, interval } = limit;
    const input = count.includes('input') ? call.inputTokens() : 0;
    if (input > most) throw this.#tooLarge(call.prefix);
    const output = count.includes('output') ? call.outputBound() : 0;
    // At least one, so that the call is known to the counter that it will be settled with.
    const amount = Math.max(1, Math.min(most, input + output));
    const { principal } = call;
    const whose = by === 'client' ? [principal?.id ?? ''] : by === 'group' ? [principal?.group ?? ''] : [];
    return { key: counterKey('tokens', [name, by, ...whose], limit), limit: most, interval, amount };
  }

  /** Waiting cannot help. */
  #tooLarge(prefix: string): NexusError {
    this.#refusals.tokens++;
    const message = 'The request requires more tokens than the configured limit allows and cannot be fulfilled.';
    return new NexusError('rate_limited', prefix + message, { headers: ['x-should-retry', 'false'] });
  }

  #judge(call: TokenCall, demands: readonly Demand[], limits: readonly NamedLimit[], decision: Decision): Told {
    const { refused, retryAfter, standings, store } = decision;
    if (refused !== undefined) {
      this.#refusals.tokens++;
      const demand = demands[refused];
      const standing = standings[refused];
      const tells = this.#options.tells || refused < limits.length;
      const told = demand === undefined || standing === undefined ? [] : limitHeaders('tokens', demand, standing);
      throw new NexusError('rate_limited', `${call.prefix}Token rate limit exceeded. Please try again later.`, {
        ...(tells ? { headers: [...retryAfterHeader(retryAfter), ...told] } : {}),
      });
    }
    if (limits.length > 0) {
      const added = limits.map((limit, index) => ({
        limit,
        reservation: new Reservation(store, demands.slice(index, index + 1), standings.slice(index, index + 1)),
      }));
      this.#booked.set(call.record, [...(this.#booked.get(call.record) ?? NOTHING), ...added]);
    }
    const shown = this.#options.tells ? standings : standings.slice(0, limits.length);
    const index = tightest(demands, shown);
    const demand = index === undefined ? undefined : demands[index];
    const standing = index === undefined ? undefined : standings[index];
    return demand === undefined || standing === undefined ? undefined : limitHeaders('tokens', demand, standing);
  }
}

/** What is reserved with a limit for a request. */
interface Booked {
  readonly limit: NamedLimit;
  readonly reservation: Reservation;
}

const NOTHING: readonly Booked[] = [];

function applies({ groups, patterns }: NamedLimit, { principal, provider, model }: TokenCall): boolean {
  if (groups !== undefined && (principal?.group === undefined || !groups.includes(principal.group))) return false;
  return patterns === undefined || patterns.some((pattern) => pattern.matches(`${provider}/${model}`));
}
