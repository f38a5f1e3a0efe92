/** Where a host wants a streamed body to go. */
export interface ByteSink {
  /** Hands on a chunk; `false` asks the stream to wait for `resume`. */
  write(chunk: Uint8Array | string): boolean;
  end(): void;
}

/**
 * A body that is pushed, synchronously, from the upstream's socket to the client's: no reader loop, no promise per
 * chunk. A host starts it once, resumes it when its sink has drained, and cancels it when the client is gone.
 */
export interface ByteStream {
  start(sink: ByteSink): void;
  resume(): void;
  cancel(): void;
}

/** An answer: a Web `Response` without its cost. */
export interface Reply {
  readonly status: number;
  /** Names, in lower case, and values in turn: an array costs less than an object to fill and to write. */
  readonly headers: string[];
  readonly body: string | Uint8Array | ByteStream | null;
}

export function isByteStream(body: Reply['body']): body is ByteStream {
  return body !== null && typeof body === 'object' && 'start' in body;
}
