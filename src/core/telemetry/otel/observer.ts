// OpenTelemetry, from outside: nothing of it but this file is loaded until the first request or `open`, and nothing at all
// where neither an exporter is configured nor the application has given a provider.
import type { ParsedOpenTelemetry } from '../../config/resolve-otlp.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { RequestRecord } from '../../exchange/record.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { ExportState } from './export-state.ts';
import type { HostProviders } from './host-providers.ts';
import type { LoadedObserver } from './loaded-observer.ts';

export interface ObserverOptions {
  readonly host: HostProviders | undefined;
  readonly version: string;
  /** Gets what is to be told about exports. */
  readonly logger: Logger;
  /** Whether the shared store for limits is there; `undefined` where there is none. */
  readonly store: () => 'ready' | 'away' | undefined;
}

/** What of a request is told before there is a record. */
export interface Refused {
  readonly method: string;
  readonly status: number;
}

/** `undefined` where nobody takes anything. */
export function createObserver(settings: ParsedOpenTelemetry, options: ObserverOptions): Observer | undefined {
  const { logs, metrics, traces } = settings;
  const takers = [traces, metrics, logs, ...Object.values(options.host ?? {})];
  return takers.some((taker) => taker !== undefined) ? new Observer(settings, options) : undefined;
}

export class Observer {
  readonly #settings: ParsedOpenTelemetry;
  readonly #options: ObserverOptions;
  #loading: Promise<LoadedObserver> | undefined;
  #loaded: LoadedObserver | undefined;
  #isClosed = false;

  constructor(settings: ParsedOpenTelemetry, options: ObserverOptions) {
    this.#settings = settings;
    this.#options = options;
  }

  /** Opens exporters. Rejects with `config_invalid` where a package or a file they need is missing. */
  async open(): Promise<void> {
    await this.#load();
  }

  /**
   * Gives a request its place in a trace; `exchange` is absent where it came without HTTP. Requests that come before
   * everything is loaded have none.
   */
  begin(exchange: Exchange | undefined, record: RequestRecord): void {
    if (this.#loaded === undefined) this.#load().catch(() => undefined);
    else record.trace = this.#loaded.begin(exchange, record);
  }

  /** Writes down a request that is over; `route` is the pattern it was served at. */
  observe(record: Readonly<RequestRecord>, route: string): void {
    if (this.#loaded !== undefined) this.#loaded.observe(record, route);
    else this.#later((loaded) => loaded.observe(record, route));
  }

  /** Writes down a request that nobody serves. */
  refused(request: Refused): void {
    if (this.#loaded !== undefined) this.#loaded.refused(request);
    else this.#later((loaded) => loaded.refused(request));
  }

  /** A logger that tells OpenTelemetry too what it is told. */
  logger(logger: Logger): Logger {
    if (this.#settings.logs === undefined && this.#options.host?.loggerProvider === undefined) return logger;
    const line = (level: keyof Logger): Logger['info'] => {
      return (message, fields) => {
        logger[level](message, fields);
        this.#loaded?.log(level, message, fields);
      };
    };
    return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
  }

  get exports(): readonly ExportState[] {
    return this.#loaded?.exports ?? [];
  }

  /** Sends what is left, within five seconds. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const loaded = await this.#loading?.catch(() => undefined);
    await loaded?.close();
  }

  #later(act: (loaded: LoadedObserver) => void): void {
    if (!this.#isClosed) this.#load().then(act, () => undefined);
  }

  #load(): Promise<LoadedObserver> {
    this.#loading ??= this.#start();
    return this.#loading;
  }

  async #start(): Promise<LoadedObserver> {
    try {
      const { openObserver } = await import('./loaded-observer.ts');
      this.#loaded = await openObserver(this.#settings, { ...this.#options, host: this.#options.host ?? {} });
      return this.#loaded;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.logger.error('OpenTelemetry cannot be loaded; nothing is exported', { reason });
      throw error;
    }
  }
}
