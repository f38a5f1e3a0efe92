import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type { Console, Terminal } from '../../src/cli/console.ts';

/** A process to run commands in: collects what is written, tells when an address is there, and can be asked to stop. */
export class TestConsole implements Console {
  out = '';
  err = '';
  readonly listeners = new Set<() => void>();
  readonly reloaders = new Set<() => void>();
  /** Resolves with the address a server says it listens on. */
  readonly ready: Promise<string>;
  readonly env: Record<string, string>;
  readonly terminal?: Terminal;
  readonly readInput?: () => Promise<string>;
  readonly stdout = {
    write: (text: string) => {
      this.out += text;
      const url = /^nexus listening on (\S+)\n/.exec(this.out)?.[1];
      if (url !== undefined) this.#announce(url);
      this.#look();
    },
  };
  readonly stderr = {
    write: (text: string) => {
      this.err += text;
      this.#look();
    },
  };
  #announce: (url: string) => void = () => {};
  #looks: (() => void)[] = [];

  /** `input`: what is piped in. `terminal`: where somebody sits; see `Person`. */
  constructor(env: Record<string, string> = {}, given: { input?: string; terminal?: Terminal } = {}) {
    this.env = env;
    const { input, terminal } = given;
    if (terminal !== undefined) this.terminal = terminal;
    if (input !== undefined) this.readInput = async () => input;
    this.ready = new Promise((resolve) => {
      this.#announce = resolve;
    });
  }

  onStop(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  onReload(listener: () => void): () => void {
    this.reloaders.add(listener);
    return () => void this.reloaders.delete(listener);
  }

  stop(): void {
    for (const listener of [...this.listeners]) listener();
  }

  /** Resolves when so much has been written that the condition holds. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#looks = this.#looks.filter((other) => other !== look);
        resolve();
      };
      this.#looks.push(look);
      look();
    });
  }

  #look(): void {
    for (const look of this.#looks) look();
  }
}

/** Somebody at a terminal, who types an answer whenever a question ends as expected. */
export class Person implements Terminal {
  readonly input = new PassThrough();
  readonly output = new PassThrough();
  /** All that was shown, without control sequences. */
  shown = '';
  #waiting: { readonly question: string; readonly tell: () => void } | undefined;
  #read = 0;

  constructor() {
    this.output.setEncoding('utf8').on('data', (text: string) => {
      this.shown += stripVTControlCharacters(text);
      this.#look();
    });
  }

  /** Types `line` and Enter once what is shown since the last answer ends in `question`. */
  async answers(question: string, line: string): Promise<void> {
    await this.types(question, `${line}\r`);
  }

  /** The same without Enter: keys such as Ctrl-C. */
  async types(question: string, keys: string): Promise<void> {
    await new Promise<void>((tell) => {
      this.#waiting = { question, tell };
      this.#look();
    });
    this.input.write(keys);
  }

  #look(): void {
    const { question, tell } = this.#waiting ?? {};
    if (question === undefined || !this.shown.slice(this.#read).endsWith(question)) return;
    this.#waiting = undefined;
    this.#read = this.shown.length;
    tell?.();
  }
}

/** A folder for files of a test, gone at its end. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'nexus-cli-'));
  #files = 0;

  /** Writes a configuration; its path. */
  file(content: string): string {
    const path = join(this.path, `${this.#files++}.toml`);
    writeFileSync(path, content);
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
