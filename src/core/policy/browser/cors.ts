// What pages of other origins may do (https://fetch.spec.whatwg.org/#http-cors-protocol).
import type { ParsedCors } from '../../config/resolve-server.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import { hostPattern } from './host-pattern.ts';

/** Most answers that are remembered; origins are the caller's to choose. */
const MOST_REMEMBERED = 1000;

/** Headers for answers, by the configuration. */
export class Cors {
  readonly #isAllowed: (origin: string) => boolean;
  readonly #any: boolean;
  readonly #answer: readonly string[];
  readonly #preflight: readonly string[];
  readonly #privateNetwork: boolean;

  constructor(config: ParsedCors) {
    const { origins, credentials, methods, allowedHeaders, exposedHeaders, maxAge } = config;
    this.#any = origins === '*';
    this.#isAllowed = originTest(origins);
    this.#privateNetwork = config.privateNetwork;
    const shared = credentials ? ['access-control-allow-credentials', 'true'] : [];
    this.#answer = [...shared, ...listHeader('access-control-expose-headers', exposedHeaders)];
    this.#preflight = [
      ...shared,
      ...listHeader('access-control-allow-methods', methods),
      ...listHeader('access-control-allow-headers', allowedHeaders),
      ...(maxAge === undefined ? [] : ['access-control-max-age', String(Math.floor(maxAge / 1000))]),
    ];
  }

  /** Adds to the headers of any answer but that to OPTIONS. */
  stamp(exchange: Exchange, headers: string[]): void {
    if (this.#stampOrigin(exchange, headers)) headers.push(...this.#answer);
  }

  /** Adds to the headers of an answer to OPTIONS. */
  stampPreflight(exchange: Exchange, headers: string[]): void {
    if (!this.#stampOrigin(exchange, headers)) return;
    headers.push(...this.#preflight);
    if (this.#privateNetwork && exchange.header('access-control-request-private-network') === 'true') {
      headers.push('access-control-allow-private-network', 'true');
    }
  }

  #stampOrigin(exchange: Exchange, headers: string[]): boolean {
    if (this.#any) {
      headers.push('access-control-allow-origin', '*');
      return true;
    }
    headers.push('vary', 'origin');
    const origin = exchange.header('origin');
    if (origin === undefined || !this.#isAllowed(origin)) return false;
    headers.push('access-control-allow-origin', origin);
    return true;
  }
}

function listHeader(name: string, choice: '*' | readonly string[] | undefined): string[] {
  if (choice === undefined || choice.length === 0) return [];
  return [name, choice === '*' ? '*' : choice.join(', ')];
}

function originTest(choice: ParsedCors['origins']): (origin: string) => boolean {
  if (choice === undefined || choice === '*') return () => choice === '*';
  const { exact, patterns } = choice;
  const known = new Map<string, boolean>(exact.map((origin) => [origin, true]));
  const tests = patterns.map(({ protocol, host, port }) => ({ protocol, port, isHost: hostPattern(host) }));
  return (origin) => {
    const remembered = known.get(origin);
    if (remembered !== undefined) return remembered;
    const url = URL.canParse(origin) ? new URL(origin) : undefined;
    const allowed =
      url !== undefined &&
      tests.some(
        ({ protocol, port, isHost }) => url.protocol === protocol && url.port === port && isHost(url.hostname),
      );
    if (known.size < MOST_REMEMBERED) known.set(origin, allowed);
    return allowed;
  };
}
