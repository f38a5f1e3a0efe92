// Protection of and from browsers, before anything else is looked at.
import type { ParsedServer } from '../../config/resolve-server.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { Reply } from '../../exchange/reply.ts';
import { empty } from '../../http/respond.ts';
import { Cors } from './cors.ts';

/** Headers of documents that everybody may read, from any page. */
const PUBLIC = ['access-control-allow-origin', '*'] as const;
const PUBLIC_PREFLIGHT = [
  ...PUBLIC,
  'access-control-allow-methods',
  'GET',
  'access-control-allow-headers',
  '*',
] as const;

export class BrowserRules {
  readonly #cors: Cors | undefined;
  readonly #csrfHeader: string | undefined;

  constructor({ cors, csrfHeader }: Pick<ParsedServer, 'cors' | 'csrfHeader'>) {
    this.#cors = cors && new Cors(cors);
    this.#csrfHeader = csrfHeader;
  }

  /** The refusal of a request that a page of another site may have made its browser send. */
  refuse(exchange: Exchange): Reply | undefined {
    if (this.#csrfHeader === undefined || exchange.method === 'OPTIONS') return undefined;
    return exchange.header(this.#csrfHeader) === undefined ? empty(403) : undefined;
  }

  /** Adds what the browser must know to the headers of an answer. `isPublic`: any page may read it. */
  stamp(exchange: Exchange, headers: string[], isPublic = false): void {
    const isPreflight = exchange.method === 'OPTIONS';
    if (isPublic) headers.push(...(isPreflight ? PUBLIC_PREFLIGHT : PUBLIC));
    else if (isPreflight) this.#cors?.stampPreflight(exchange, headers);
    else this.#cors?.stamp(exchange, headers);
  }
}
