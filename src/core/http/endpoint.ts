import type { NexusError } from '../errors/nexus-error.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { RequestRecord } from '../exchange/record.ts';
import type { Reply } from '../exchange/reply.ts';

/** How a family of endpoints speaks when something goes wrong. */
export interface ErrorDialect {
  /** JSON text of the dialect's error envelope. */
  encodeError(error: NexusError): string;
}

/** What an endpoint is given besides the exchange. */
export interface EndpointContext {
  /** The row of this request, written on the way. */
  readonly record: RequestRecord;
  /** Closes the row; called once by whoever sends the last byte. Plain replies are sealed for their endpoint. */
  readonly seal: () => void;
}

/** One public path. */
export interface Endpoint {
  /** Stable name for records and metrics, for example `openai.chat.completions`. */
  readonly name: string;
  readonly method: 'GET' | 'POST';
  /** All paths it is served at, the canonical one first. One that ends in `/` stands for every path below it. */
  readonly paths: readonly string[];
  readonly dialect: ErrorDialect;
  /** Throws `NexusError`; the error is rendered in the dialect. */
  handle(exchange: Exchange, context: EndpointContext): Promise<Reply> | Reply;
}

/** A path prefix that is ours: unknown paths below it are answered in its dialect, not handed back to the host. */
export interface OwnedPrefix {
  readonly prefix: string;
  readonly dialect: ErrorDialect;
}
