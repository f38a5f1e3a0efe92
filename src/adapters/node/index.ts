/**
 * Nexus on `node:http`.
 *
 * ```js
 * import { createServer } from 'node:http';
 * import { nexus } from 'nexus-ai/node';
 *
 * createServer(nexus({ llm: { providers: { openai: { type: 'openai', apiKey } } } })).listen(8000);
 * ```
 */
import type { NexusOptions } from '../../core/index.ts';
import { type ConfigOrNexus, toNexus } from '../host.ts';
import { type NodeHandler, nodeHandler } from './node-handler.ts';

export type { ConfigOrNexus } from '../host.ts';
export { type ListeningServer, type ListenOptions, listen } from './listen.ts';
export { type Mountable, type NodeHandler, nodeHandler } from './node-handler.ts';

/** A request listener made from a configuration or an instance. Throws `config_invalid`. */
export function nexus(configOrNexus: ConfigOrNexus, options?: NexusOptions): NodeHandler {
  return nodeHandler(toNexus(configOrNexus, options));
}
