import type { ParsedDiscovery } from '../../config/resolve.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Provider } from '../providers/provider.ts';
import type { Transports } from '../upstream/transports.ts';
import type { DiscoveredModel } from './list-page.ts';
import { queryModels } from './query-models.ts';

export interface ProviderModelsOptions {
  readonly discovery: ParsedDiscovery;
  readonly transports: Transports;
  readonly logger: Logger;
  /** The last good list of somebody who asked before. */
  readonly known?: readonly DiscoveredModel[] | undefined;
  /** Called after `models` has changed. */
  readonly onChange: () => void;
}

/** The first wait after a failure; each further one is twice as long, up to the usual interval. */
const FIRST_RETRY_MS = 1000;

/**
 * What is known of one provider's models: asked for on demand and then at intervals, one question at a time. When a
 * question fails, the last good list stays, and the next one comes sooner.
 */
export class ProviderModels {
  readonly provider: Provider;
  readonly #options: ProviderModelsOptions;
  #models: readonly DiscoveredModel[] | undefined;
  #failure: NexusError | undefined;
  #failures = 0;
  #asking: Promise<void> | undefined;
  #abort: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(provider: Provider, options: ProviderModelsOptions) {
    this.provider = provider;
    this.#options = options;
    this.#models = options.known;
  }

  /** The last good list; `undefined` until there is one. */
  get models(): readonly DiscoveredModel[] | undefined {
    return this.#models;
  }

  /** Why the last question failed; `undefined` when it did not. */
  get failure(): NexusError | undefined {
    return this.#failure;
  }

  /** Asks now, unless it is being asked already. Never rejects. */
  refresh(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** Ends a question under way; none follows. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#abort?.abort(new NexusError('shutting_down', 'The gateway is shutting down'));
  }

  async #ask(): Promise<void> {
    const { discovery, transports } = this.#options;
    clearTimeout(this.#timer);
    const abort = new AbortController();
    this.#abort = abort;
    const late = new NexusError('upstream_timeout', `The provider did not answer within ${discovery.timeout} ms`);
    const deadline = setTimeout(() => abort.abort(late), discovery.timeout);
    try {
      const transport = await transports.of(this.provider);
      this.#succeed(await queryModels(this.provider, transport, abort.signal));
    } catch (error) {
      this.#fail(error);
    } finally {
      clearTimeout(deadline);
      this.#schedule();
    }
  }

  #succeed(models: readonly DiscoveredModel[]): void {
    if (this.#closed) return;
    if (this.#failures > 0) this.#options.logger.info(`Provider '${this.provider.name}' lists its models again`);
    this.#models = models;
    this.#failure = undefined;
    this.#failures = 0;
    this.#options.onChange();
  }

  #fail(error: unknown): void {
    if (this.#closed) return;
    // Anything else is a mistake of ours, or of a transport that the host brought along: its text may hold anything.
    const failure = NexusError.is(error)
      ? error
      : new NexusError('upstream_unavailable', 'The provider could not be reached', { cause: error });
    this.#failure = failure;
    this.#failures += 1;
    if (this.#failures > 1) return;
    const { logger, discovery } = this.#options;
    const kept = this.#models === undefined ? 'none of them is known yet' : 'the last list of them stays in use';
    logger.warn(
      `Provider '${this.provider.name}' could not be asked for its models: ${failure.message}; ${kept}. It is asked again, at least every ${discovery.interval / 1000} s`,
    );
  }

  #schedule(): void {
    if (this.#closed) return;
    const { interval } = this.#options.discovery;
    const wait = this.#failures === 0 ? interval : Math.min(interval, FIRST_RETRY_MS * 2 ** (this.#failures - 1));
    // A question nobody waits for keeps no process alive. Where timers are numbers there is no process to keep.
    this.#timer = setTimeout(() => void this.refresh(), wait);
    this.#timer.unref?.();
  }
}
