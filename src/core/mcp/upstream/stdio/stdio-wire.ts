// A server that is a program: one JSON-RPC message a line, over its standard input and output. Unlike the SDK's
// transport it gives the program a process group of its own, so that nothing it started outlives it, and it survives
// lines that are not messages.
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { env as ourEnvironment } from 'node:process';
import type { Writable } from 'node:stream';
import type { ParsedStdioServer } from '../../../config/resolve-mcp.ts';
import type { Logger } from '../../../runtime/logger.ts';
import type { JsonObject } from '../../wire/json-rpc.ts';
import { isObject } from '../../wire/message.ts';
import { CODES } from '../../wire/revision.ts';
import { linkFailure } from '../link-failure.ts';
import { LARGEST_MESSAGE, TOO_LARGE } from '../message-size.ts';
import type { Wire, WireReceiver } from '../wire.ts';
import { childEnvironment } from './child-environment.ts';
import { LineReader, type LongLine } from './line-reader.ts';
import { endLeftovers, endProcessGroup, HAS_GROUPS } from './process-group.ts';
import { StderrLines } from './stderr-lines.ts';

/** Bytes a server may leave unread before it counts as one that does not read. */
const MOST_UNREAD = 4 * LARGEST_MESSAGE;
/** How long its last words may take to arrive after its end; something it started may hold its output open for ever. */
const LAST_WORDS_MS = 250;

export interface StdioWireOptions {
  readonly logger: Logger;
  readonly elapsed: () => number;
}

export class StdioWire implements Wire {
  readonly streamPerRequest = false;
  readonly #server: ParsedStdioServer;
  readonly #options: StdioWireOptions;
  #child: ChildProcess | undefined;
  #receiver: WireReceiver | undefined;
  #closing: Promise<void> | undefined;
  #gone = false;
  #garbled = false;

  constructor(server: ParsedStdioServer, options: StdioWireOptions) {
    this.#server = server;
    this.#options = options;
  }

  async start(receiver: WireReceiver): Promise<void> {
    const { command, args, cwd, stderr } = this.#server;
    if (cwd !== undefined && !(await isDirectory(cwd))) throw cannotStart('its directory does not exist');
    if (this.#closing !== undefined) throw cannotStart('it was closed');
    const child = spawn(command, args, {
      cwd,
      env: childEnvironment(this.#server, ourEnvironment),
      stdio: ['pipe', 'pipe', stderr === 'inherit' ? 'inherit' : stderr === 'null' ? 'ignore' : 'pipe'],
      detached: HAS_GROUPS,
      shell: false,
      windowsHide: true,
    });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(cannotStart(`its program cannot be run${systemCode(error)}`, error)));
    });
    this.#receiver = receiver;
    child.on('error', () => {});
    child.stdin?.on('error', () => {});
    this.#listen(child);
  }

  async send(message: JsonObject): Promise<void> {
    const stdin = this.#child?.stdin;
    if (this.#gone || stdin === undefined || stdin === null || !stdin.writable) {
      throw linkFailure('upstream_unavailable', 'its program is not running', { sent: false, over: true });
    }
    if (stdin.writableLength > MOST_UNREAD) {
      throw linkFailure('upstream_unavailable', 'it does not read what it is sent', { sent: false, over: true });
    }
    stdin.write(`${JSON.stringify(message)}\n`);
  }

  setProtocolVersion(): void {}

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    child.stdin?.end();
    await endProcessGroup(child);
    child.stdout?.destroy();
    child.stderr?.destroy();
    this.#leave(undefined);
  }

  #listen(child: ChildProcess): void {
    const lines = new LineReader(
      LARGEST_MESSAGE,
      (line) => this.#read(line),
      (line) => this.#readLong(line),
    );
    child.stdout?.on('data', (chunk: Buffer) => lines.push(chunk));
    child.stdout?.on('error', () => {});
    if (child.stderr !== null) this.#relayErrors(child);
    child.once('exit', (code, signal) => {
      const how = signal === null ? `its program ended with code ${code}` : `its program was ended by ${signal}`;
      const leave = (): void => {
        clearTimeout(timer);
        this.#leave(linkFailure('upstream_unavailable', how, { sent: true, over: true }));
      };
      const timer = setTimeout(leave, LAST_WORDS_MS);
      child.once('close', leave);
      if (this.#closing === undefined && child.pid !== undefined) this.#closing = endLeftovers(child.pid);
    });
  }

  #read(line: string): void {
    const text = line.trim();
    if (text === '') return;
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      this.#noteGarbage();
      return;
    }
    // Revision 2025-03-26 knew batches.
    for (const one of Array.isArray(message) ? message : [message]) {
      if (isObject(one) && !this.#gone) this.#receiver?.onMessage(one);
      else this.#noteGarbage();
    }
  }

  /** The answer itself is lost; whoever waits for it must not wait in vain. */
  #readLong({ head, tail }: LongLine): void {
    const id =
      /^\s*\{\s*"jsonrpc"\s*:\s*"2\.0"\s*,\s*"id"\s*:\s*(\d+)/.exec(head)?.[1] ??
      /,\s*"jsonrpc"\s*:\s*"2\.0"\s*,\s*"id"\s*:\s*(\d+)\s*\}\s*$/.exec(tail)?.[1];
    if (id === undefined) this.#noteGarbage();
    else
      this.#receiver?.onMessage({
        jsonrpc: '2.0',
        id: Number(id),
        error: { code: CODES.internal, message: TOO_LARGE },
      });
  }

  #noteGarbage(): void {
    if (this.#garbled) return;
    this.#garbled = true;
    const { name } = this.#server;
    this.#options.logger.warn('An MCP server writes lines that are not messages; they are skipped', { server: name });
  }

  #relayErrors(child: ChildProcess): void {
    const { name, stderr, env } = this.#server;
    const { logger, elapsed } = this.#options;
    const secrets = Object.values(env).map((value) => value.reveal());
    let file: Writable | undefined;
    if (typeof stderr === 'object') {
      file = createWriteStream(stderr.file, { flags: 'a' });
      file.once('error', () => {
        file = undefined;
        logger.warn('The file for the standard error of an MCP server cannot be written', { server: name });
      });
    }
    const lines = new StderrLines(
      (line) => {
        if (typeof stderr === 'object') file?.write(`${line}\n`);
        else logger.info('An MCP server writes', { server: name, line });
      },
      secrets,
      elapsed,
    );
    child.stderr?.on('data', (chunk: Buffer) => lines.push(chunk));
    child.stderr?.on('error', () => {});
    child.stderr?.once('close', () => {
      lines.end();
      file?.end();
    });
  }

  #leave(failure: Error | undefined): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#receiver?.onClose(failure);
  }
}

function cannotStart(why: string, cause?: unknown): Error {
  return linkFailure('upstream_unavailable', why, { sent: false, over: true }, cause);
}

function systemCode(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
