import type { RequestRecord } from './record.ts';

/** What was reserved for a request before anybody knew what it uses. */
export interface Booking {
  /** Puts it right by the sealed record: what was used, or nothing. */
  settle(record: Readonly<RequestRecord>): void;
}
