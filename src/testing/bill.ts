// What a provider would write on its bill: counted where it happens, on the provider's own sockets.

/** Counts since the provider began, or since its last `reset()`; those called open are as of now. */
export interface Bill {
  /** Requests that arrived whole. */
  readonly requests: number;
  /** Streams whose head was sent. */
  readonly streams: number;
  /** Streams that are still being sent, stalled ones included. */
  readonly openStreams: number;
  /** Requests whose client left before the end of the answer. */
  readonly aborted: number;
  readonly connections: number;
  readonly openConnections: number;
  /** Input tokens of the answers whose head was sent with a status below 300. */
  readonly inputTokens: number;
  /** Output tokens whose bytes went out before the connection closed. */
  readonly outputTokens: number;
}

export type Ledger = { -readonly [Count in keyof Bill]: number };

export function openLedger(): Ledger {
  return {
    requests: 0,
    streams: 0,
    openStreams: 0,
    aborted: 0,
    connections: 0,
    openConnections: 0,
    inputTokens: 0,
    outputTokens: 0,
  };
}

/** Back to zero, except for what is open. */
export function resetLedger(ledger: Ledger): void {
  const { openStreams, openConnections } = ledger;
  Object.assign(ledger, openLedger(), { openStreams, openConnections });
}
