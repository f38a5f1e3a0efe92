// The engine in force, and earlier ones until their requests end: how one follows another, and how all of them end.
import type { NexusConfig } from './config/types.ts';
import { Engine } from './engine.ts';
import { type EngineGround, judge } from './engine-parts.ts';
import { NexusError } from './errors/nexus-error.ts';
import type { Unready } from './http/health.ts';
import { writtenThisTurn } from './runtime/once-per-turn.ts';
import type { NexusStatus } from './status.ts';

/** How often is looked whether requests have ended, in milliseconds. */
const DRAIN_LOOK = 20;

export class EngineSuccession {
  readonly #ground: EngineGround;
  #current: Engine;
  /** The current one, one that is about to be, and earlier ones that still have requests. */
  #engines: readonly Engine[];
  #generation = 1;
  #isOpen = false;
  #opening: Promise<void> | undefined;
  #reloading: Promise<unknown> = Promise.resolve();
  /** Engines that are being closed. */
  #endings: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  /** Throws `config_invalid`, which lists every problem; starts nothing. */
  constructor(input: NexusConfig, ground: EngineGround) {
    this.#ground = ground;
    this.#current = this.#build(input);
    this.#engines = [this.#current];
  }

  get current(): Engine {
    return this.#current;
  }

  /** How many engines have been in force. */
  get generation(): number {
    return this.#generation;
  }

  get state(): NexusStatus['state'] {
    if (this.#closing !== undefined) return 'draining';
    return this.#isOpen ? 'ready' : 'starting';
  }

  /** Why requests should not come yet, or no more. Who asks wants it to begin. */
  unready(): Unready | undefined {
    const { state } = this;
    if (state === 'ready') return undefined;
    if (state === 'starting') {
      this.#opening ??= this.open().catch(() => {
        this.#opening = undefined;
      });
    }
    return state;
  }

  /** Loads what the current engine loads on first use. Rejects where discovery of models is required and fails. */
  async open(): Promise<void> {
    await this.#current.open();
    this.#isOpen = true;
  }

  /** Puts an engine of another configuration in force, after all that were asked for before; `drain` in milliseconds. */
  reload(config: NexusConfig, drain: number): Promise<void> {
    const reloaded = this.#reloading.then(() => this.#reload(config, drain));
    this.#reloading = reloaded.catch(() => undefined);
    return reloaded;
  }

  /** Ends all engines, and what they stand on; `drain` in milliseconds. Safe to call twice. */
  close(drain: number): Promise<void> {
    this.#closing ??= this.#shutDown(drain);
    return this.#closing;
  }

  #build(input: NexusConfig, earlier?: Engine): Engine {
    const { config, warnings } = judge(input, this.#ground);
    const engine = new Engine(config, this.#ground, earlier);
    for (const warning of warnings) this.#ground.logger.warn(warning);
    return engine;
  }

  async #reload(config: NexusConfig, drain: number): Promise<void> {
    this.#refuseWhenClosing();
    const earlier = this.#current;
    const next = this.#build(config, earlier);
    this.#engines = [...this.#engines, next];
    try {
      await next.open();
      this.#refuseWhenClosing();
    } catch (error) {
      await this.#end(next);
      throw error;
    }
    this.#current = next;
    this.#isOpen = true;
    this.#generation++;
    this.#retire(earlier, drain).catch((error: unknown) => {
      this.#ground.logger.error('What an earlier configuration held open could not be closed', { error });
    });
  }

  #refuseWhenClosing(): void {
    if (this.#closing !== undefined) throw new NexusError('shutting_down', 'The gateway is shutting down');
  }

  /** Lets an engine finish its requests, and ends it. Keeps no process alive. */
  async #retire(engine: Engine, drain: number): Promise<void> {
    await this.#idle([engine], drain, (timer) => timer.unref?.());
    await this.#end(engine);
  }

  async #end(engine: Engine): Promise<void> {
    if (!this.#engines.includes(engine)) return;
    this.#engines = this.#engines.filter((other) => other !== engine);
    const ending = engine.close(this.#engines);
    this.#endings = Promise.allSettled([this.#endings, ending]);
    await ending;
    await this.#ground.transports.keep(new Set(this.#engines.flatMap(({ llm }) => [...llm.providers.values()])));
  }

  /** Resolves when none of the engines has a request left, or `drain` milliseconds have passed. */
  async #idle(
    engines: readonly Engine[],
    drain: number,
    onTimer: (timer: ReturnType<typeof setTimeout>) => void = () => undefined,
  ): Promise<void> {
    const { runtime } = this.#ground;
    const until = runtime.elapsed() + drain;
    const isBusy = (engine: Engine) =>
      this.#engines.includes(engine) && engine.pending(this.#engines.filter((other) => other !== engine)) > 0;
    while (engines.some(isBusy) && runtime.elapsed() < until) {
      await new Promise((resolve) => onTimer(setTimeout(resolve, DRAIN_LOOK)));
    }
  }

  async #shutDown(drain: number): Promise<void> {
    const engines = this.#engines;
    for (const engine of engines) engine.stopped = true;
    await this.#idle(engines, drain);
    // The last one closes what they share.
    for (const engine of this.#engines) await this.#end(engine);
    await this.#reloading;
    await this.#endings;
    await this.#ground.transports.close();
    await writtenThisTurn();
  }
}
