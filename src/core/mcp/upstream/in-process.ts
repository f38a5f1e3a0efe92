// MCP servers that are objects of this process, of either line of the SDK: they are linked by the SDK's in-memory
// transport and cost no serialization.
import type { InMemoryTransport } from '@modelcontextprotocol/client';
import type { JsonObject } from '../wire/json-rpc.ts';
import type { Dialer } from './dialer.ts';
import { linkFailure } from './link-failure.ts';
import type { Wire, WireReceiver } from './wire.ts';

/** A `McpServer` or `Server` of `@modelcontextprotocol/server` or of `@modelcontextprotocol/sdk`. */
export interface McpServerLike {
  connect(transport: unknown): Promise<void>;
  close(): Promise<void>;
}

/**
 * A server, or a function that makes one. A server object can have one connection, so it can ask no client anything
 * (elicitation, sampling, roots); a function is called for each connection.
 */
export type InProcessServer = McpServerLike | (() => McpServerLike | Promise<McpServerLike>);

type SdkMessage = Parameters<InMemoryTransport['send']>[0];

export class InProcessDialer implements Dialer {
  readonly place = 'process';
  readonly fallback = false;
  readonly isSingle: boolean;
  readonly #server: InProcessServer;

  constructor(server: InProcessServer) {
    this.#server = server;
    this.isSingle = typeof server !== 'function';
  }

  async dial(): Promise<Wire> {
    const { InMemoryTransport } = await import('@modelcontextprotocol/client');
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    try {
      const server = typeof this.#server === 'function' ? await this.#server() : this.#server;
      await server.connect(theirs);
    } catch (error) {
      throw linkFailure('upstream_unavailable', 'its object cannot be connected', { sent: false, over: true }, error);
    }
    return new InProcessWire(ours);
  }

  async close(): Promise<void> {}
}

class InProcessWire implements Wire {
  readonly streamPerRequest = false;
  readonly #transport: InMemoryTransport;

  constructor(transport: InMemoryTransport) {
    this.#transport = transport;
  }

  async start(receiver: WireReceiver): Promise<void> {
    this.#transport.onmessage = (message) => receiver.onMessage({ ...message });
    this.#transport.onclose = () =>
      receiver.onClose(linkFailure('upstream_unavailable', 'it was closed', { sent: true, over: true }));
    await this.#transport.start();
  }

  async send(message: JsonObject): Promise<void> {
    try {
      await this.#transport.send(message as unknown as SdkMessage);
    } catch (error) {
      throw linkFailure('upstream_unavailable', 'it was closed', { sent: false, over: true }, error);
    }
  }

  setProtocolVersion(): void {}

  close(): Promise<void> {
    return this.#transport.close();
  }
}
