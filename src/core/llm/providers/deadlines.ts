/** How long the parts of one call may take, in milliseconds. */
export interface Deadlines {
  /** The whole call. */
  readonly total: number;
  /** Until the first content-bearing event of a stream. */
  readonly firstByte: number;
  /** Until the first byte of a whole answer; absent: it may take as long as the call. */
  readonly firstByteOfWhole?: number | undefined;
  /** Between two reads of a body that has begun. */
  readonly idle: number;
}
