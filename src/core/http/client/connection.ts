import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import type { UpstreamHeaders } from '../transport.ts';
import type { ClientCall } from './client-call.ts';
import { serverClosed } from './connection-error.ts';
import type { Connect } from './connector.ts';
import { type ResponseEvents, ResponseReader } from './response-reader.ts';

/** The pool a connection is in. */
export interface ConnectionOwner {
  /** It can carry another call. */
  onFree(connection: Connection): void;
  /** It was lost before anything of this call was sent. */
  onUnsent(call: ClientCall): void;
  onGone(connection: Connection): void;
}

/** A body up to this size is sent in one piece with its head. */
const JOINED_LIMIT = 32 * 1024;

/**
 * One connection to a server, which carries one call at a time. When an answer has ended and again before a request is
 * sent, the event loop has a look at what came meanwhile: a server that has hung up must not cost a call, nor bytes that
 * nobody asked for be taken for its answer.
 */
export class Connection implements ResponseEvents {
  /** Until when it may be used again, on the clock of `performance.now()`. */
  freeUntil = 0;
  /** How long the server says it keeps an unused connection, milliseconds. */
  keepAlive: number | undefined;
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  readonly #reader = new ResponseReader(this);
  #call: ClientCall | undefined;
  /** The call waits for the loop's look. */
  #isHeld = false;
  #isOpen = false;
  #isGone = false;

  constructor(owner: ConnectionOwner, connect: Connect) {
    this.#owner = owner;
    this.#socket = connect(() => {
      this.#isOpen = true;
      if (this.#call !== undefined) this.#write(this.#call);
    });
    this.#socket.on('data', (bytes: Buffer) => this.#read(bytes));
    this.#socket.on('end', () => this.#read());
    this.#socket.on('error', (error) => this.destroy(error));
    this.#socket.on('close', () => this.destroy(serverClosed()));
  }

  /** Only when it carries no other. */
  carry(call: ClientCall): void {
    this.#call = call;
    call.connection = this;
    if (!this.#isOpen) return;
    this.#socket.ref();
    this.#isHeld = true;
    afterLook(() => {
      this.#isHeld = false;
      if (this.#call === call) this.#write(call);
    });
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  onHead(status: number, headers: UpstreamHeaders): void {
    this.keepAlive = announced(headers['keep-alive']) ?? this.keepAlive;
    this.#call?.onHead(status, headers);
  }

  onBody(bytes: Buffer): void {
    this.#call?.onBody(bytes);
  }

  onComplete(persistent: boolean): void {
    const call = this.#call;
    this.#call = undefined;
    if (this.#isGone) return;
    // A server that answers before it has the whole request will read the rest of it as the next.
    if (persistent && this.#socket.writableLength === 0) this.#free();
    else this.destroy(serverClosed());
    call?.onComplete();
  }

  #free(): void {
    const socket = this.#socket;
    // Its last call may have left it paused; and nobody's process goes on for a connection without a call.
    if (socket.isPaused()) socket.resume();
    socket.unref();
    afterLook(() => {
      if (!this.#isGone) this.#owner.onFree(this);
    });
  }

  #write({ head, body }: ClientCall): void {
    const socket = this.#socket;
    if (body === null) {
      socket.write(head, 'latin1');
    } else if (typeof body === 'string' && Buffer.byteLength(body) === body.length) {
      // It is ASCII: as many bytes as characters.
      socket.write(head + body, 'latin1');
    } else if (typeof body !== 'string' && body.length <= JOINED_LIMIT) {
      const bytes = Buffer.allocUnsafe(head.length + body.length);
      bytes.write(head, 0, 'latin1');
      bytes.set(body, head.length);
      socket.write(bytes);
    } else {
      socket.cork();
      socket.write(head, 'latin1');
      socket.write(body);
      socket.uncork();
    }
  }

  /** Without bytes: the server has closed. */
  #read(bytes?: Buffer): void {
    try {
      // What nobody asked for is nobody's answer.
      if (this.#call === undefined || this.#isHeld) throw serverClosed();
      if (bytes === undefined) this.#reader.close();
      else this.#reader.push(bytes);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  /** Closes it without a word. A call it still carries hears of `reason`, or is sent anew where nothing of it was sent. */
  destroy(reason: Error): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#socket.destroy();
    const call = this.#call;
    this.#call = undefined;
    this.#owner.onGone(this);
    if (call === undefined) return;
    if (this.#isHeld && !call.isOver) this.#owner.onUnsent(call);
    else call.onFailure(reason);
  }
}

/** Between two turns of immediates the event loop asks all sockets what has come. */
function afterLook(act: () => void): void {
  setImmediate(() => setImmediate(act));
}

const TIMEOUT = /(?:^|,)[\t ]*timeout=(\d{1,6})/i;

function announced(keepAlive: string | string[] | undefined): number | undefined {
  if (keepAlive === undefined) return undefined;
  const seconds = TIMEOUT.exec(String(keepAlive))?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
