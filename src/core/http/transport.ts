/** One HTTP call to an upstream. */
export interface UpstreamRequest {
  /** Scheme, host and port: `https://api.openai.com`. */
  readonly origin: string;
  readonly path: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: Buffer | string | null;
}

export type UpstreamHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Receives an answer as it comes. Exactly one of `onEnd` and `onError` closes it; neither follows an `abort`. */
export interface UpstreamReceiver {
  onHead(status: number, headers: UpstreamHeaders): void;
  /** Body bytes, already decoded from any `content-encoding`. */
  onData(chunk: Buffer): void;
  onEnd(): void;
  onError(error: unknown): void;
}

export interface UpstreamCall {
  /** What has been read already may still come. */
  pause(): void;
  resume(): void;
  /** Ends the call and its connection; works in every state. */
  abort(): void;
}

/** How Nexus reaches its upstreams. Never follows redirects: a key must not travel where it was not sent. */
export interface Transport {
  send(request: UpstreamRequest, receiver: UpstreamReceiver): UpstreamCall;
  close(): Promise<void>;
}
