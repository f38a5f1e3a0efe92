/**
 * Nexus in Express 4 and 5.
 *
 * ```js
 * import { nexus } from 'nexus-ai/express';
 *
 * app.use(nexus({ llm: { providers: { openai: { type: 'openai', apiKey } } } }));
 * app.use('/ai', nexus(instance)); // under a prefix, with an instance of your own
 * ```
 */
import type { NexusOptions } from '../../core/index.ts';
import { type ConfigOrNexus, toNexus } from '../host.ts';
import { type NodeHandler, nodeHandler } from '../node/index.ts';

export type { ConfigOrNexus } from '../host.ts';

/**
 * A middleware that serves Nexus's paths below where it is mounted and hands every other request on untouched. Works
 * before and after a body parser. Throws `config_invalid`. Close the instance yourself when you made it yourself; one
 * made here lives as long as the process.
 */
export function nexus(configOrNexus: ConfigOrNexus, options?: NexusOptions): NodeHandler {
  return nodeHandler(toNexus(configOrNexus, options));
}
