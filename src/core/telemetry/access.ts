// Who may read what is told of the process: whoever has the token, or a good OAuth token; without either only callers
// on this machine, unless the configuration says that everybody may.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../config/secret.ts';
import { NexusError } from '../errors/nexus-error.ts';
import type { Exchange } from '../exchange/exchange.ts';

export interface Readers {
  readonly token?: Secret | undefined;
  readonly public: boolean;
}

/** Throws `key_missing` or `token_invalid` (401). */
export type AccessCheck = (exchange: Exchange) => void;

const CHALLENGE = ['www-authenticate', 'Bearer'];

/** Headers by which a proxy says for whom it asks: what comes through one does not come from this machine. */
const FORWARDING = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/** `undefined`: the endpoint is for everybody, or the gate before it keeps others out. `place` names it to an operator. */
export function accessCheck(
  { token, public: isPublic }: Readers,
  isGated: boolean,
  place: string,
): AccessCheck | undefined {
  if (token !== undefined) return tokenCheck(token);
  return isGated || isPublic ? undefined : machineCheck(place);
}

function tokenCheck(token: Secret): AccessCheck {
  const expected = digest(token.reveal());
  return (exchange) => {
    const given = /^bearer +(.+)$/i.exec(exchange.header('authorization') ?? '')?.[1];
    if (given === undefined) throw new NexusError('key_missing', 'A bearer token is required', { headers: CHALLENGE });
    // Digests are of one length, and how long comparing them takes says nothing about the token.
    if (timingSafeEqual(digest(given), expected)) return;
    throw new NexusError('token_invalid', 'The token is not accepted', { headers: CHALLENGE });
  };
}

function machineCheck(place: string): AccessCheck {
  return (exchange) => {
    const isForwarded = FORWARDING.some((name) => exchange.header(name) !== undefined);
    if (!isForwarded && isLoopback(exchange.host.remoteAddress)) return;
    throw new NexusError('key_missing', `Only this machine may read it until ${place} has a token or is public`);
  };
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && (address === '::1' || /^(?:::ffff:)?127\./.test(address));
}

function digest(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}
