import type { ParsedTokenLimit, ParsedTokenRate } from '../../config/resolve-limits.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Booking } from '../../exchange/booking.ts';
import type { Principal } from '../../exchange/principal.ts';
import type { RequestRecord } from '../../exchange/record.ts';
import type { CounterStore, Decision, Demand } from '../../stores/counter-store.ts';
import { Reservation } from '../../stores/reservation.ts';
import { counterKey, counterKeys } from './counter-key.ts';
import { limitHeaders, retryAfterHeader, type Told, tightest } from './limit-headers.ts';
import { ModelPattern } from './model-pattern.ts';
import { Refusals } from './refusals.ts';
import { rateFor } from './request-limits.ts';
import { noteStoreCommand } from './store-command.ts';
import { type Booked, type NamedLimit, TokenBooking } from './token-booking.ts';

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

/** A request for which tokens are used. */
export interface TokenUser {
  readonly record: RequestRecord;
  readonly principal: Principal | undefined;
  /** What is reserved for it: whoever seals the record settles it. */
  booking: Booking | undefined;
}

/** A model call that is about to be made. Tokens are counted only where a limit asks. */
export interface TokenCall {
  readonly user: TokenUser;
  readonly provider: string;
  /** The model as clients name it, without the provider. */
  readonly model: string;
  /** Tokens of the texts of the messages, which is what limits of providers and models count. */
  promptTokens(): number;
  /** Tokens of all the model reads, about. */
  inputTokens(): number;
  /** Most tokens the caller lets the model write; 0 where it does not say. */
  outputBound(): number;
  /** Stands before the message of a refusal. */
  readonly prefix: string;
}

/**
 * How many tokens callers may use. Limits of providers and models book an estimate of the prompt, for good. Limits of
 * `llm.token_limits` reserve an estimate, which the request's booking puts right by its sealed record.
 */
export class TokenLimits {
  readonly #options: TokenLimitsOptions;
  readonly #refusals: Refusals;
  readonly #limits: readonly NamedLimit[];

  constructor(options: TokenLimitsOptions) {
    this.#options = options;
    this.#refusals = options.refusals ?? new Refusals();
    this.#limits = options.limits.map((limit) => ({
      ...limit,
      patterns: limit.models?.map((pattern) => new ModelPattern(pattern)),
      keyOf: counterKeys('tokens', [limit.name, limit.by], limit),
    }));
  }

  /**
   * Books a call with all limits that hold for it, or with none more. Throws (or rejects with) `rate_limited`, and
   * `store_unavailable` where that is configured. A further call for the same record, to another target, keeps what is
   * reserved with limits that hold for both, and gives back the rest.
   */
  admit(call: TokenCall): Told | Promise<Told> {
    const { user } = call;
    const booking = user.booking instanceof TokenBooking ? user.booking : undefined;
    booking?.keep((limit) => applies(limit, call));
    const own = this.#ownDemand(call);
    const limits: NamedLimit[] = [];
    const demands: Demand[] = [];
    for (const limit of this.#limits) {
      if (!applies(limit, call) || booking?.holds(limit) === true) continue;
      limits.push(limit);
      demands.push(this.#limitDemand(limit, call));
    }
    if (own !== undefined) demands.push(own);
    if (demands.length === 0) return undefined;
    const decision = this.#options.store.take(demands, 'all');
    if (!(decision instanceof Promise)) return this.#judge(call, demands, limits, decision);
    return decision.then((known) => {
      noteStoreCommand(user.record, demands, known, true);
      return this.#judge(call, demands, limits, known);
    });
  }

  /** The model's limit where it has one, else the provider's. */
  #ownDemand(call: TokenCall): Demand | undefined {
    const { provider, model, prefix } = call;
    const { principal } = call.user;
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
    const { by, count, interval, keyOf, limit: most } = limit;
    const input = count.includes('input') ? call.inputTokens() : 0;
    if (input > most) throw this.#tooLarge(call.prefix);
    const output = count.includes('output') ? call.outputBound() : 0;
    // At least one, so that the call is known to the counter that it will be settled with.
    const amount = Math.max(1, Math.min(most, input + output));
    const { principal } = call.user;
    const whose = by === 'client' ? [principal?.id ?? ''] : by === 'group' ? [principal?.group ?? ''] : NOBODY;
    return { key: keyOf(whose), limit: most, interval, amount };
  }

  /** Waiting cannot help. */
  #tooLarge(prefix: string): NexusError {
    this.#refusals.tokens++;
    const message = 'The request requires more tokens than the configured limit allows and cannot be fulfilled.';
    return new NexusError('rate_limited', prefix + message, { headers: ['x-should-retry', 'false'] });
  }

  #judge(call: TokenCall, demands: readonly Demand[], limits: readonly NamedLimit[], decision: Decision): Told {
    const { refused, retryAfter, standings } = decision;
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
    if (limits.length > 0) this.#book(call.user, demands, limits, decision);
    const shown = this.#options.tells ? standings : standings.slice(0, limits.length);
    const index = tightest(demands, shown);
    const demand = index === undefined ? undefined : demands[index];
    const standing = index === undefined ? undefined : standings[index];
    return demand === undefined || standing === undefined ? undefined : limitHeaders('tokens', demand, standing);
  }

  #book(user: TokenUser, demands: readonly Demand[], limits: readonly NamedLimit[], { standings, store }: Decision) {
    const booked: Booked[] = [];
    for (let index = 0; index < limits.length; index++) {
      const limit = limits[index];
      const demand = demands[index];
      const standing = standings[index];
      if (limit === undefined || demand === undefined || standing === undefined) continue;
      booked.push({ limit, reservation: new Reservation(store, demand, standing) });
    }
    const booking = user.booking instanceof TokenBooking ? user.booking : new TokenBooking();
    booking.add(booked);
    user.booking = booking;
  }
}

const NOBODY: readonly string[] = [];

function applies({ groups, patterns }: NamedLimit, { user, provider, model }: TokenCall): boolean {
  const group = user.principal?.group;
  if (groups !== undefined && (group === undefined || !groups.includes(group))) return false;
  return patterns === undefined || patterns.some((pattern) => pattern.matches(`${provider}/${model}`));
}
