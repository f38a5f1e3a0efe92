// The one piece of state outside an instance: Next evaluates a module as often as it pleases, the process stays.
import { isDeepStrictEqual } from 'node:util';
import { createNexus, type Nexus, type NexusConfig, type NexusOptions } from '../../core/index.ts';

/** Handlers look the instance up at every request: it may have been replaced since they were made. */
export interface Holder {
  readonly instance: Nexus;
}

const HELD = Symbol.for('nexus-ai.next.instances');
/** Milliseconds that requests of a replaced instance have to end. */
const DRAIN = 10_000;

/** The instance of a place: the one there is where its configuration is this one, else a new one. */
export function holdInstance(place: string, config: NexusConfig, options: NexusOptions): Holder {
  const places = heldPlaces();
  let held = places.get(place);
  if (held === undefined) {
    held = new HeldInstance();
    places.set(place, held);
  }
  held.take(config, options);
  return held;
}

class HeldInstance implements Holder {
  #config: NexusConfig = {};
  #options: NexusOptions = {};
  #instance: Nexus | undefined;

  get instance(): Nexus {
    this.#instance ??= createNexus(this.#config, this.#options);
    return this.#instance;
  }

  take(config: NexusConfig, options: NexusOptions): void {
    const earlier = this.#instance;
    if (earlier !== undefined && !isReloaded(options) && isDeepStrictEqual(config, this.#config)) return;
    // Judged before anything is given up: the earlier instance serves on when the new configuration is wrong.
    const next = isBuilding() ? undefined : createNexus(config, options);
    this.#config = config;
    this.#options = options;
    this.#instance = next;
    void earlier?.close({ drain: DRAIN });
  }
}

/** Code cannot be compared: while developing, a file that brings some has probably been edited. */
function isReloaded(options: NexusOptions): boolean {
  return process.env['NODE_ENV'] === 'development' && Object.keys(options).length > 0;
}

/** Next's own sign, `PHASE_PRODUCTION_BUILD` of `next/constants`. */
function isBuilding(): boolean {
  return process.env['NEXT_PHASE'] === 'phase-production-build';
}

function heldPlaces(): Map<string, HeldInstance> {
  const root = globalThis as { [HELD]?: Map<string, HeldInstance> };
  root[HELD] ??= new Map();
  return root[HELD];
}
