import type { Principal } from './principal.ts';
import type { RequestRecord } from './record.ts';

/** A request that code of this process made without HTTP, while its record is written. */
export interface RecordedCall {
  readonly record: RequestRecord;
  /** Seals the record; `error` is what the caller gets in the place of an answer. Called once. */
  end(error?: unknown): void;
}

/** Opens the record of such a request; `undefined` where nobody learns from records. */
export type RecordCall = (principal: Principal | undefined) => RecordedCall | undefined;
