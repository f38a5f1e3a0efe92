import type { Charge, UsageSource } from './record.ts';
import type { Usage } from './usage.ts';

/** What a call used, and how that is known. */
export interface Measured {
  readonly usage: Usage | undefined;
  readonly source: UsageSource;
}

/** A call that may have to be paid for besides the one that was answered. */
export interface Charged extends Pick<Charge, 'purpose' | 'provider' | 'model' | 'modelAlias'> {
  /** Asked once, after the request. */
  readonly measure: () => Measured;
}

/** A call to a provider, as whoever settles its record may ask it. */
export interface Evidence {
  /**
   * What the call used; `undefined` when it is as the record says. May count text, in time linear in what was received:
   * asked once, after the request.
   */
  measure(): Measured | undefined;
  /** Other calls of the same request, in their order. */
  readonly charged?: readonly Charged[] | undefined;
}

/** A call, if there was one in the end, and those that may have to be paid for besides it. */
export class ChargedEvidence implements Evidence {
  readonly charged: readonly Charged[];
  readonly #call: Evidence | undefined;

  constructor(call: Evidence | undefined, charged: readonly Charged[]) {
    this.#call = call;
    this.charged = charged;
  }

  measure(): Measured | undefined {
    return this.#call?.measure();
  }
}
