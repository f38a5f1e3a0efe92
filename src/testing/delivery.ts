// Writing an answer to a connection: paced, no faster than the client reads, and over the moment the client has gone.
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';

/** One write. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** Output tokens that are delivered with it. */
  readonly tokens: number;
}

/** How an answer ends after its last piece: as HTTP wants it, or the connection is reset, closed, or left silent. */
export type Ending = 'whole' | 'reset' | 'close' | 'silence';

export interface Delivery {
  /** undefined: not even a head is sent. */
  readonly head: { readonly status: number; readonly headers: readonly (readonly [string, string])[] } | undefined;
  /** Text written to the socket instead of a head that HTTP would allow. */
  readonly rawHead?: string;
  readonly pieces: readonly Piece[];
  readonly ending: Ending;
  /** Milliseconds before the head. */
  readonly delay: number;
  /** Milliseconds between pieces. */
  readonly pace: number;
}

/** `aborted`: the client left. `broken`: the server broke off, as it was told to or because it is closing. */
export type Outcome = 'answered' | 'aborted' | 'broken';

/** Milliseconds that a client gets to read what it was sent before the connection is reset under it. */
const READING_TIME = 10;

interface Sink {
  write(bytes: Uint8Array, done: (error?: Error | null) => void): unknown;
}

/** Waits, but not for a client that has gone. */
async function pause(milliseconds: number, gone: AbortSignal): Promise<void> {
  if (gone.aborted) return;
  // Also without a pause the event loop gets its turn, or a long answer would be written before anyone could leave.
  const waiting = milliseconds > 0 ? setTimeout(milliseconds, undefined, { signal: gone }) : setImmediate();
  await waiting.catch(() => undefined);
}

/** Resolves once the bytes went to the operating system: true; or once the connection is gone: false. */
function flush(sink: Sink, bytes: Uint8Array, gone: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const lost = () => resolve(false);
    gone.addEventListener('abort', lost, { once: true });
    sink.write(bytes, (error) => {
      gone.removeEventListener('abort', lost);
      resolve(!error);
    });
  });
}

function untilGone(gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (gone.aborted) resolve();
    else gone.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** What somebody who watches a delivery wants to know. */
export interface Witness {
  /** The head was written. */
  onHead(): void;
  /** A piece went to the operating system. */
  onPiece(piece: Piece): void;
}

/**
 * Resets a connection without ending it first. `resetAndDestroy()` alone sends a FIN ahead of the RST, and a client that
 * is quick sees a mere end; with the mark it sets, `destroy()` sends the RST at once.
 */
function reset(socket: Socket | null): void {
  if (socket !== null) Object.assign(socket, { resetAndClosing: true }).destroy();
}

async function end(response: ServerResponse, ending: Ending, gone: AbortSignal): Promise<Outcome> {
  const socket = response.socket;
  if (ending === 'silence') {
    await untilGone(gone);
    return 'aborted';
  }
  if (ending === 'whole') {
    response.end();
    await untilGone(gone);
    return response.writableFinished ? 'answered' : 'aborted';
  }
  if (ending === 'reset') {
    // A reset overtakes what the client has not read yet; let it read.
    await pause(READING_TIME, gone);
    reset(socket);
  } else {
    socket?.destroySoon();
  }
  await untilGone(gone);
  return 'broken';
}

export async function deliver(response: ServerResponse, delivery: Delivery, witness: Witness): Promise<Outcome> {
  const leaving = new AbortController();
  const gone = leaving.signal;
  const socket = response.socket;
  const leave = () => leaving.abort();
  response.once('close', leave);
  if (response.destroyed || response.closed || socket === null || socket.destroyed) leave();
  await pause(delivery.delay, gone);
  if (gone.aborted || socket === null) return 'aborted';

  let sink: Sink = response;
  if (delivery.rawHead !== undefined) {
    socket.write(delivery.rawHead);
    witness.onHead();
    sink = socket;
  } else if (delivery.head !== undefined) {
    response.writeHead(delivery.head.status, delivery.head.headers.flat());
    response.flushHeaders();
    witness.onHead();
  }
  for (const [index, piece] of delivery.pieces.entries()) {
    if (index > 0) await pause(delivery.pace, gone);
    if (gone.aborted || !(await flush(sink, piece.bytes, gone))) return 'aborted';
    witness.onPiece(piece);
  }
  return end(response, delivery.ending, gone);
}
