import type { UsageSource } from './record.ts';
import type { Usage } from './usage.ts';

/** What a call used, and how that is known. */
export interface Measured {
  readonly usage: Usage | undefined;
  readonly source: UsageSource;
}

/** A call to a provider, as whoever settles its record may ask it. */
export interface Evidence {
  /**
   * What the call used; `undefined` when it is as the record says. May count text, in time linear in what was received:
   * asked once, after the request.
   */
  measure(): Measured | undefined;
}
