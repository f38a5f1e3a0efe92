// Where a request comes from, which behind a proxy only the proxy knows.
import { isIP } from 'node:net';
import type { ParsedServer } from '../../config/resolve-server.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { TrustedPeers } from './trusted-peers.ts';

/** The address a request comes from; `undefined` where the host has no sockets and nobody says. */
export type ClientAddress = (exchange: Exchange) => string | undefined;

/** Headers are read only where the configuration says so, and only from peers that are `trusted`. */
export function clientAddress({ realIp, trustedHops }: ParsedServer['clientIp'], trusted: TrustedPeers): ClientAddress {
  const socket: ClientAddress = ({ host: { remoteAddress } }) =>
    remoteAddress === undefined ? undefined : plainAddress(remoteAddress);
  if (!realIp && trustedHops === undefined) return socket;
  return (exchange) => {
    if (!trusted(exchange.host.remoteAddress)) return socket(exchange);
    const named = realIp ? readAddress(exchange.header('x-real-ip')) : undefined;
    if (named !== undefined) return named;
    const forwarded =
      trustedHops === undefined
        ? undefined
        : readAddress(entryFromRight(exchange.header('x-forwarded-for'), trustedHops));
    return forwarded ?? socket(exchange);
  };
}

function entryFromRight(list: string | undefined, index: number): string | undefined {
  if (list === undefined) return undefined;
  let end = list.length;
  for (let skipped = 0; skipped < index; skipped++) {
    end = list.lastIndexOf(',', end - 1);
    // `lastIndexOf` counts a negative start as 0, where a comma may stand.
    if (end <= 0) return undefined;
  }
  return list.slice(list.lastIndexOf(',', end - 1) + 1, end);
}

function readAddress(text: string | undefined): string | undefined {
  const address = text?.trim();
  return address === undefined || isIP(address) === 0 ? undefined : plainAddress(address);
}

const MAPPED = '::ffff:';

/** One spelling for one address: a dual-stack socket writes IPv4 addresses as IPv6 ones. */
function plainAddress(address: string): string {
  if (!address.includes(':')) return address;
  const lower = address.toLowerCase();
  const mapped = lower.startsWith(MAPPED) ? lower.slice(MAPPED.length) : '';
  return isIP(mapped) === 4 ? mapped : lower;
}
