import type { Wire } from './wire.ts';

export interface DialOptions {
  /** The caller's own token, for servers that are given it. */
  readonly token?: string | undefined;
  /** Speak SSE instead of streamable HTTP. */
  readonly sse?: boolean | undefined;
}

/** Knows how to reach one server. */
export interface Dialer {
  /** Whether a caller's token reaches the server; absent: it does not. */
  readonly sendsToken?: boolean;
  readonly place: 'program' | 'remote' | 'process';
  /** There is but one of it, so it can have one connection. */
  readonly isSingle: boolean;
  /** Whether SSE is worth a try where streamable HTTP fails. */
  readonly fallback: boolean;
  /** A wire that has not been started. Rejects with a link failure. */
  dial(options: DialOptions): Promise<Wire>;
  close(): Promise<void>;
}
