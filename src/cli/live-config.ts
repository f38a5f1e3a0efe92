// Keeps a running instance in step with its configuration file.
import { readFileSync } from 'node:fs';
import { configIssues, type LoadedConfig, readConfig } from '../core/config/index.ts';
import type { Nexus } from '../core/index.ts';
import type { Console } from './console.ts';
import type { Demo } from './demo.ts';
import { FileWatch } from './file-watch.ts';
import { reportProblems } from './report.ts';

export interface LiveConfigOptions {
  readonly file: string;
  /** What the file held when it was read, and how it was understood. */
  readonly text: string | undefined;
  readonly loaded: LoadedConfig;
  readonly nexus: Nexus;
  readonly demo: Demo;
  readonly console: Console;
  /** Whether to watch the file where it says so itself. */
  readonly watches: boolean;
  /** The command line says where to listen, whatever the file does. */
  readonly hasOwnAddress: boolean;
}

/**
 * Takes up what the file says whenever it has changed, or when asked. A file that cannot be used is reported as `check`
 * does it, and the configuration before it stays in force.
 */
export class LiveConfig {
  readonly #options: LiveConfigOptions;
  #loaded: LoadedConfig;
  #text: string | undefined;
  #watch: FileWatch | undefined;
  #working: Promise<void> | undefined;
  #isAskedAgain = false;
  #isClosed = false;

  constructor(options: LiveConfigOptions) {
    this.#options = options;
    this.#loaded = options.loaded;
    this.#text = options.text;
    this.#watchAsTold();
  }

  /** The configuration in force. */
  get loaded(): LoadedConfig {
    return this.#loaded;
  }

  /** Reads the file now; once more afterwards when asked while at it. */
  reload(): void {
    if (this.#isClosed) return;
    if (this.#working !== undefined) {
      this.#isAskedAgain = true;
      return;
    }
    this.#working = this.#takeUp().finally(() => {
      this.#working = undefined;
      if (!this.#isAskedAgain) return;
      this.#isAskedAgain = false;
      this.reload();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#watch?.close();
  }

  async #takeUp(): Promise<void> {
    const { console, demo, file, nexus } = this.#options;
    this.#text = readText(file);
    try {
      const loaded = readConfig(file, { env: console.env });
      const { config } = await demo.standIn(loaded);
      await nexus.reload(config);
      const before = this.#loaded;
      this.#loaded = loaded;
      console.stdout.write(`nexus took up ${file} (configuration ${nexus.generation})\n`);
      for (const key of this.#fixedSince(before)) {
        console.stderr.write(`${file}: ${key}: takes effect when nexus is started again\n`);
      }
      this.#watchAsTold();
    } catch (error) {
      // It is stopping: nobody needs another configuration.
      if (this.#isClosed) return;
      this.#refuse(error);
    }
  }

  #refuse(error: unknown): void {
    const { file, console } = this.#options;
    if (configIssues(error).length > 0) reportProblems(error, file, console.stderr);
    else console.stderr.write(`${file}: ${error instanceof Error ? error.message : 'cannot be taken up'}\n`);
    console.stderr.write(`${file}: refused; the configuration before it stays in force\n`);
  }

  #watchAsTold(): void {
    const { file, watches } = this.#options;
    if (!watches || this.#isClosed || !this.#loaded.parsed.server.watch) {
      this.#watch?.close();
      this.#watch = undefined;
    } else {
      this.#watch ??= new FileWatch(file, this.#text, () => this.reload());
    }
  }

  /** Keys that have changed and are only read at the start. */
  #fixedSince(before: LoadedConfig): string[] {
    const of = ({ parsed: { server } }: LoadedConfig) => ({
      'server.listen_address': this.#options.hasOwnAddress ? undefined : server.listenAddress,
      'server.tls': server.tls,
      'server.health.listen': server.health.enabled ? server.health.listen : undefined,
    });
    const now = Object.entries(of(this.#loaded));
    const then = new Map(Object.entries(of(before)));
    return now.filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(then.get(key))).map(([key]) => key);
  }
}

/** What a watch compares with; a file that cannot be read has no text. */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
