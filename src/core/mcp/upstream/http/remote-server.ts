// Where a remote server is and what it is always sent: configured headers, and a token that is kept fresh.
import type { ParsedInsertRule } from '../../../config/resolve-mcp.ts';
import type { Transport } from '../../../http/transport.ts';
import type { TokenSource } from './token-source.ts';

/** A URL requests go to. It follows the server when that moves within its origin. */
export interface Place {
  origin: string;
  /** With the query. */
  path: string;
}

export function placeOf(url: URL): Place {
  return { origin: url.origin, path: url.pathname + url.search };
}

export interface RemoteServerOptions {
  readonly transport: Transport;
  /** Sent as a Bearer token, unless a configured header takes its place. */
  readonly token: TokenSource | undefined;
  /** In their order; a later one wins, and all win over what Nexus sends of itself. */
  readonly headers: readonly ParsedInsertRule[];
}

/** One server as one connection sees it. */
export class RemoteServer {
  readonly transport: Transport;
  readonly token: TokenSource | undefined;
  readonly #rules: ReadonlyMap<string, ParsedInsertRule>;

  constructor({ transport, token, headers }: RemoteServerOptions) {
    this.transport = transport;
    this.#rules = new Map(headers.map((rule) => [rule.name.toLowerCase(), rule]));
    this.token = this.#rules.has('authorization') ? undefined : token;
  }

  /** What is sent in the end; `own` is Nexus's, names in lower case and values in turn. */
  headers(own: readonly string[], bearer: string | undefined): string[] {
    const sent: string[] = [];
    const rules = this.#rules;
    for (let at = 0; at + 1 < own.length; at += 2) {
      const name = own[at] ?? '';
      if (rules.size === 0 || !rules.has(name)) sent.push(name, own[at + 1] ?? '');
    }
    if (bearer !== undefined) sent.push('authorization', `Bearer ${bearer}`);
    for (const { name, value } of rules.values()) sent.push(name, value.reveal());
    return sent;
  }
}
