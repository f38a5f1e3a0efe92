import type { ParsedTokenLimit } from '../../config/resolve-limits.ts';
import type { Booking } from '../../exchange/booking.ts';
import type { RequestRecord } from '../../exchange/record.ts';
import type { Reservation } from '../../stores/reservation.ts';
import type { ModelPattern } from './model-pattern.ts';

/** A limit of `llm.token_limits`, ready for use. */
export interface NamedLimit extends ParsedTokenLimit {
  readonly patterns: readonly ModelPattern[] | undefined;
  /** The key of the counter of one caller or group; of everybody, without a name. */
  readonly keyOf: (whose: readonly string[]) => string;
}

/** What is reserved with a limit. */
export interface Booked {
  readonly limit: NamedLimit;
  readonly reservation: Reservation;
}

/** The tokens that are reserved for one request, by the limits that hold for it. */
export class TokenBooking implements Booking {
  #booked: readonly Booked[] = [];

  add(booked: readonly Booked[]): void {
    this.#booked = this.#booked.length === 0 ? booked : [...this.#booked, ...booked];
  }

  holds(limit: NamedLimit): boolean {
    return this.#booked.some((booked) => booked.limit === limit);
  }

  /** Gives back what is reserved with other limits. */
  keep(applies: (limit: NamedLimit) => boolean): void {
    for (const { limit, reservation } of this.#booked) if (!applies(limit)) reservation.settle(0);
    this.#booked = this.#booked.filter(({ limit }) => applies(limit));
  }

  settle({ usage, charges }: Readonly<RequestRecord>): void {
    let { input = 0, output = 0 } = usage ?? {};
    for (const charge of charges) {
      input += charge.usage.input;
      output += charge.usage.output;
    }
    for (const { limit, reservation } of this.#booked) {
      let used = 0;
      for (const kind of limit.count) used += kind === 'input' ? input : output;
      reservation.settle(used);
    }
    this.#booked = [];
  }
}
