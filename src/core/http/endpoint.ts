import type { NexusError } from '../errors/nexus-error.ts';
import type { Booking } from '../exchange/booking.ts';
import type { Evidence } from '../exchange/evidence.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Principal } from '../exchange/principal.ts';
import type { RequestRecord } from '../exchange/record.ts';
import type { Reply } from '../exchange/reply.ts';

/** How a family of endpoints speaks when something goes wrong. */
export interface ErrorDialect {
  /** JSON text of the dialect's error envelope. `requestId` stands in it where the dialect has a place for it. */
  encodeError(error: NexusError, requestId?: string): string;
}

/** What an endpoint is given besides the exchange. */
export interface EndpointContext {
  /** The row of this request, written on the way. */
  readonly record: RequestRecord;
  /** Who calls; absent while nothing tells. */
  principal: Principal | undefined;
  /** The call that says what was used, where one was made; the last of several. */
  evidence: Evidence | undefined;
  /** What was reserved for the request, where something was. */
  booking: Booking | undefined;
  /** Says where the request would go instead of sending it. */
  readonly explain?: boolean;
  /** Closes the row; called once by whoever sends the last byte. Plain replies are sealed for their endpoint. */
  readonly seal: () => void;
}

/** One public path. */
export interface Endpoint {
  /** Stable name for records and metrics, for example `openai.chat.completions`. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** All paths it is served at, the canonical one first. One that ends in `/` stands for every path below it. */
  readonly paths: readonly string[];
  readonly dialect: ErrorDialect;
  /** Clients that speak its protocol need `Authorization` for themselves: their token may be in `Proxy-Authorization`. */
  readonly proxyAuthorization?: boolean;
  /** Says nothing of anybody, so nobody is asked who calls. */
  readonly anonymous?: boolean;
  /** Answers also while the process is on its way out. */
  readonly always?: boolean;
  /** Web pages of any origin may read it, whatever the configuration says of others. */
  readonly openToPages?: boolean;
  /** A GET endpoint that answers HEAD too; it leaves the body out itself. */
  readonly head?: boolean;
  /** Throws `NexusError`; the error is rendered in the dialect. */
  handle(exchange: Exchange, context: EndpointContext): Promise<Reply> | Reply;
}

/** A path prefix that is ours: unknown paths below it are answered in its dialect, not handed back to the host. */
export interface OwnedPrefix {
  readonly prefix: string;
  readonly dialect: ErrorDialect;
}
