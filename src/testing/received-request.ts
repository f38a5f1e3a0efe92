// A request as it arrived at one of the kit's servers, and what became of it.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Outcome } from './delivery.ts';

export interface ReceivedRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly path: string;
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** The parsed JSON of the body; undefined where it is none. */
  readonly body: unknown;
  readonly bytes: Uint8Array;
  /** When it had arrived whole, in milliseconds since 1970, with fractions. */
  readonly at: number;
  /**
   * How it ended; undefined while it is being answered. `answered`: the whole answer was sent. `aborted`: the client
   * left first. `broken`: the server broke off, because a fault told it to or because it was closed.
   */
  readonly ended: Outcome | undefined;
  /** When it ended, like `at`. */
  readonly endedAt: number | undefined;
}

/** The server's own view of a request, which it completes at the end. */
export type OpenRequest = { -readonly [Member in keyof ReceivedRequest]: ReceivedRequest[Member] };

const now = () => performance.timeOrigin + performance.now();

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Reads a request to its end; undefined if the client left before. */
export async function receive(request: IncomingMessage): Promise<OpenRequest | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    return undefined;
  }
  const bytes = Buffer.concat(chunks);
  const { method = 'GET', url: path = '/', headers } = request;
  return { method, path, headers, body: parseJson(bytes), bytes, at: now(), ended: undefined, endedAt: undefined };
}

export function finish(request: OpenRequest, outcome: Outcome): void {
  request.ended = outcome;
  request.endedAt = now();
}
