import type { Principal } from './principal.ts';

/** What the host knows about a request and the connection it came on. */
export interface HostFacts {
  /** Address of the socket's other end; absent where the host has no sockets. */
  readonly remoteAddress?: string | undefined;
  /** Address of the socket's own end: on which of the machine's addresses the request came. */
  readonly localAddress?: string | undefined;
  /** The prefix the host mounted Nexus under, without a trailing slash; empty at the root. */
  readonly mountPath: string;
  /**
   * The host's own request object, for host callbacks only: Express `req`, Koa `ctx`, Node `IncomingMessage`, Next and Web
   * `Request`, or what the host gave `fetch`.
   */
  readonly raw?: unknown;
  /** Who calls, where the host knows it for certain: nobody else is asked then. Never taken from a header. */
  readonly principal?: Principal | undefined;
}

/**
 * One request, in the shape of a Web `Request` without its cost: hosts build it straight from what they have. Nothing
 * here is Node-specific.
 */
export interface Exchange {
  /** Upper case. */
  readonly method: string;
  /** Path below the mount, percent-encoding untouched, without the query. */
  readonly path: string;
  /** Without the leading `?`; empty when there is none. */
  readonly query: string;
  readonly host: HostFacts;
  /** A header's value; `name` is lower case. Several values are joined by `, `. */
  header(name: string): string | undefined;
  /** Names of all headers, in lower case. */
  headerNames(): Iterable<string>;
  /**
   * The whole body. Read once; later calls give the same bytes.
   * Throws `payload_too_large` as soon as more than `limit` bytes have been announced or received.
   */
  bytes(limit: number): Promise<Uint8Array>;
  /** True once the client is gone. */
  readonly closed: boolean;
  /** Calls `listener` once when the client goes away before its reply is complete; returns the function that forgets it. */
  onClose(listener: () => void): () => void;
}
