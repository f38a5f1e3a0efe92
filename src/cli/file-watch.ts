// Notices that a file has other content, however it got it.
import { type FSWatcher, watch } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface FileWatchOptions {
  /** Milliseconds the content must have stayed the same to count: who writes in pieces is not interrupted. Default 150. */
  readonly quiet?: number | undefined;
  /** Milliseconds between two looks where the system reports nothing: network and container mounts. Default 2,000. */
  readonly interval?: number | undefined;
}

/**
 * Calls `onChange` whenever the content of a file has become another and has stayed so for a moment; with `undefined` when
 * the file has gone. What is watched is the folder, and the folder behind a link: editors put a new file in the place of
 * the old one, and Kubernetes a new folder. Keeps no process alive.
 */
export class FileWatch {
  readonly #path: string;
  readonly #quiet: number;
  readonly #onChange: (content: string | undefined) => void;
  readonly #folders = new Map<string, FSWatcher>();
  readonly #poll: NodeJS.Timeout;
  #reported: string | undefined;
  #glimpsed: string | undefined;
  #looking: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** `content` is what the file held when it was last read. */
  constructor(
    path: string,
    content: string | undefined,
    onChange: (content: string | undefined) => void,
    { quiet = 150, interval = 2000 }: FileWatchOptions = {},
  ) {
    this.#path = path;
    this.#quiet = quiet;
    this.#onChange = onChange;
    this.#reported = content;
    this.#glimpsed = content;
    this.#poll = setInterval(() => this.#stir(), interval).unref();
    this.#watchFolder(dirname(path));
    // It may have changed since it was read.
    this.#stir();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#looking);
    for (const watcher of this.#folders.values()) watcher.close();
    this.#folders.clear();
  }

  /** Looks in a moment. Not put off by what happens until then: a neighbour may be written to all the time. */
  #stir(): void {
    if (this.#isClosed) return;
    this.#looking ??= setTimeout(() => void this.#look(), this.#quiet).unref();
  }

  async #look(): Promise<void> {
    this.#looking = undefined;
    const content = await readFile(this.#path, 'utf8').catch(() => undefined);
    const target = await realpath(this.#path).catch(() => this.#path);
    if (this.#isClosed) return;
    this.#watchOnly([dirname(this.#path), dirname(target)]);
    if (content !== this.#glimpsed) {
      this.#glimpsed = content;
      this.#stir();
    } else if (content !== this.#reported) {
      this.#reported = content;
      this.#onChange(content);
    }
  }

  #watchOnly(folders: readonly string[]): void {
    for (const [folder, watcher] of this.#folders) {
      if (folders.includes(folder)) continue;
      watcher.close();
      this.#folders.delete(folder);
    }
    for (const folder of folders) this.#watchFolder(folder);
  }

  /** A folder that cannot be watched is looked at now and then. */
  #watchFolder(folder: string): void {
    if (this.#folders.has(folder)) return;
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#stir());
      watcher.on('error', () => {
        watcher.close();
        this.#folders.delete(folder);
      });
      this.#folders.set(folder, watcher);
    } catch {
      // Tried again at the next look.
    }
  }
}
