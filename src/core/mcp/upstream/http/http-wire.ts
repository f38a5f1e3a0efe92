// A remote server: the SDK's transports for streamable HTTP and for SSE behind our own interface, and their errors in
// our own words. The SDK is loaded with the first such server.
import type { SSEClientTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { JsonObject } from '../../wire/json-rpc.ts';
import { linkFacts, linkFailure, problemOf } from '../link-failure.ts';
import type { SendOptions, Wire, WireReceiver } from '../wire.ts';
import { asFailure } from './transport-failure.ts';

type SdkMessage = Parameters<SSEClientTransport['send']>[0];

/** How a lost stream of notifications comes back: soon, then less and less often, for as long as the connection lives. */
export const RECONNECTION = {
  initialReconnectionDelay: 500,
  maxReconnectionDelay: 30_000,
  reconnectionDelayGrowFactor: 2,
  maxRetries: Number.MAX_SAFE_INTEGER,
};

const GOODBYE_MS = 1000;

export class HttpWire implements Wire {
  readonly streamPerRequest: boolean;
  readonly #streamable: StreamableHTTPClientTransport | undefined;
  readonly #transport: StreamableHTTPClientTransport | SSEClientTransport;
  #receiver: WireReceiver | undefined;
  #started = false;
  #over = false;

  constructor(transport: StreamableHTTPClientTransport | SSEClientTransport) {
    this.#transport = transport;
    this.#streamable = 'terminateSession' in transport ? transport : undefined;
    this.streamPerRequest = this.#streamable !== undefined;
  }

  async start(receiver: WireReceiver): Promise<void> {
    this.#receiver = receiver;
    this.#transport.onmessage = (message) => receiver.onMessage({ ...message });
    this.#transport.onerror = () => {
      // The SDK's SSE transport would come back by itself, to a server that knows nothing of it any more.
      if (this.#streamable === undefined && this.#started) this.lose('its stream broke off');
    };
    try {
      await this.#transport.start();
    } catch (error) {
      this.#over = true;
      await this.#transport.close().catch(() => {});
      throw asFailure(error);
    }
    this.#started = true;
  }

  async send(message: JsonObject, options: SendOptions = {}): Promise<void> {
    if (this.#over) throw linkFailure('upstream_unavailable', 'the connection was lost', { sent: false, over: true });
    try {
      const sdkMessage = message as unknown as SdkMessage;
      if (this.#streamable === undefined) await this.#transport.send(sdkMessage);
      else {
        await this.#streamable.send(sdkMessage, {
          ...(options.signal === undefined ? {} : { requestSignal: options.signal }),
          ...(options.headers === undefined ? {} : { headers: options.headers }),
          ...(options.onStreamEnd === undefined ? {} : { onRequestStreamEnd: options.onStreamEnd }),
        });
      }
    } catch (error) {
      const hasSession = this.#streamable === undefined || this.#streamable.sessionId !== undefined;
      const failure = asFailure(error, message['id'], hasSession);
      // Whoever waits for this very message hears of it first.
      if (linkFacts(failure)?.over === true) setTimeout(() => this.lose(problemOf(failure)), 0);
      throw failure;
    }
  }

  setProtocolVersion(version: string): void {
    this.#transport.setProtocolVersion(version);
  }

  /** Ends a connection the server has ended, or forgotten. */
  lose(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#transport.close().catch(() => {});
    this.#receiver?.onClose(linkFailure('upstream_unavailable', why, { sent: true, over: true }));
  }

  async close(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    if (this.#streamable !== undefined) {
      const goodbye = this.#streamable.terminateSession().catch(() => {});
      let timer: NodeJS.Timeout | undefined;
      const impatience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, GOODBYE_MS);
      });
      await Promise.race([goodbye, impatience]);
      clearTimeout(timer);
    }
    await this.#transport.close().catch(() => {});
    this.#receiver?.onClose(undefined);
  }
}
