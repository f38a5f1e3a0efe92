// A server that answers with what real providers once answered, verbatim.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Cut, cutBytes } from './cuts.ts';
import { deliver } from './delivery.ts';
import { openLoopback } from './loopback.ts';
import { finish, type OpenRequest, type ReceivedRequest, receive } from './received-request.ts';
import { type RecordedExchange, responseBytes } from './recordings.ts';

export interface PlayOptions {
  /** How the body is cut into separate writes. Default: `whole`. */
  cut?: Cut | undefined;
  /** Which requests may have this answer. Default: any. */
  match?: ((request: ReceivedRequest) => boolean) | undefined;
}

/** An answer that waits for its request. */
export interface Playback {
  readonly exchange: RecordedExchange;
  /** The body that is sent. */
  readonly bytes: Uint8Array;
  /** The request that got it, once one did. */
  readonly request: Promise<ReceivedRequest>;
}

export interface Replayer {
  /** Origin, without a path. */
  readonly url: string;
  /** Everything that arrived whole, in order. */
  readonly requests: readonly ReceivedRequest[];
  /** Queues an answer: each request gets the first one in the queue that it may have. */
  play(exchange: RecordedExchange, options?: PlayOptions): Playback;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Queued {
  readonly playback: Playback;
  readonly cut: Cut;
  readonly match: (request: ReceivedRequest) => boolean;
  readonly took: (request: ReceivedRequest) => void;
}

const UNWATCHED = { onHead: () => undefined, onPiece: () => undefined };

/**
 * Starts a replayer on an ephemeral port of 127.0.0.1. Status, headers and body are those of the recording; a body
 * that is no stream gets a `content-length`. A request for which nothing is queued gets a 500 that says so.
 */
export async function createReplayer(): Promise<Replayer> {
  const queue: Queued[] = [];
  const requests: OpenRequest[] = [];
  let closing = false;

  function answer(entry: OpenRequest) {
    const position = queue.findIndex(({ match }) => match(entry));
    const [next] = position < 0 ? [] : queue.splice(position, 1);
    if (next === undefined) {
      const message = `The replayer has no answer queued for ${entry.method} ${entry.path}`;
      const body = Buffer.from(JSON.stringify({ error: { message, type: 'server_error', param: null, code: null } }));
      return {
        status: 500,
        headers: new Map([['content-type', 'application/json']]),
        body,
        pieces: [body],
        stream: false,
      };
    }
    const { playback, cut, took } = next;
    took(entry);
    const { status, headers } = playback.exchange.response;
    const { stream } = playback.exchange;
    const body = playback.bytes;
    return { status, headers: new Map(Object.entries(headers)), body, pieces: cutBytes(body, cut), stream };
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const entry = await receive(request);
    if (entry === undefined) return;
    requests.push(entry);
    const { status, headers, body, pieces, stream } = answer(entry);
    if (!stream) headers.set('content-length', String(body.length));
    const delivery = {
      head: { status, headers: [...headers] },
      pieces: pieces.map((bytes) => ({ bytes, tokens: 0 })),
      ending: 'whole' as const,
      delay: 0,
      pace: 0,
    };
    const outcome = await deliver(response, delivery, UNWATCHED);
    finish(entry, outcome === 'aborted' && closing ? 'broken' : outcome);
  }

  const loopback = await openLoopback({ onRequest: (request, response) => void serve(request, response) });
  const replayer: Replayer = {
    url: loopback.url,
    get requests() {
      return requests;
    },
    play(exchange, { cut = 'whole', match = () => true } = {}) {
      let took: (request: ReceivedRequest) => void = () => undefined;
      const request = new Promise<ReceivedRequest>((resolve) => {
        took = resolve;
      });
      const playback = { exchange, bytes: responseBytes(exchange), request };
      queue.push({ playback, cut, match, took });
      return playback;
    },
    close() {
      closing = true;
      return loopback.close();
    },
    [Symbol.asyncDispose]: () => replayer.close(),
  };
  return replayer;
}
