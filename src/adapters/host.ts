import { createNexus, isNexus, type Nexus, type NexusConfig, type NexusOptions } from '../core/index.ts';

/** What every adapter takes: a configuration, or an instance the application made itself. */
export type ConfigOrNexus = NexusConfig | Nexus;

export function toNexus(configOrNexus: ConfigOrNexus, options?: NexusOptions): Nexus {
  return isNexus(configOrNexus) ? configOrNexus : createNexus(configOrNexus, options);
}
