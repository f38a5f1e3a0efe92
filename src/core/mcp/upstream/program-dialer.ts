import type { ParsedStdioServer } from '../../config/resolve-mcp.ts';
import type { Dialer } from './dialer.ts';
import { StdioWire, type StdioWireOptions } from './stdio/stdio-wire.ts';
import type { Wire } from './wire.ts';

/** Starts a server's program, one process for each connection. */
export class ProgramDialer implements Dialer {
  readonly place = 'program';
  readonly isSingle = false;
  readonly fallback = false;
  readonly #server: ParsedStdioServer;
  readonly #options: StdioWireOptions;

  constructor(server: ParsedStdioServer, options: StdioWireOptions) {
    this.#server = server;
    this.#options = options;
  }

  async dial(): Promise<Wire> {
    return new StdioWire(this.#server, this.#options);
  }

  async close(): Promise<void> {}
}
