import { Buffer } from 'node:buffer';

/** What stands in an `Authorization` header, as far as its form tells. */
export type Credential =
  | { readonly kind: 'token'; readonly text: string }
  | { readonly kind: 'missing' | 'other_scheme' | 'malformed' };

/** The header of a token, as far as it is read before the token is trusted. */
export interface TokenHeader {
  readonly alg: string;
  readonly kid: unknown;
}

const SCHEME = /^bearer(?: |$)/i;
const SCHEME_LENGTH = 'bearer '.length;
const PARTS = /^([\w-]+)\.([\w-]*)\.([\w-]*)$/;
/** No token that fits into a request's headers is longer. */
const LONGEST_TOKEN = 64 * 1024;

const MISSING: Credential = { kind: 'missing' };
const OTHER_SCHEME: Credential = { kind: 'other_scheme' };
const MALFORMED: Credential = { kind: 'malformed' };

/** `Bearer` in any case, one blank, the token. Several headers joined into one are no token. */
export function readCredential(header: string | undefined): Credential {
  if (header === undefined) return MISSING;
  if (!SCHEME.test(header)) return OTHER_SCHEME;
  const text = header.slice(SCHEME_LENGTH);
  if (text.trim() === '') return MISSING;
  return text.startsWith(' ') ? MALFORMED : { kind: 'token', text };
}

/**
 * The header of a compact JWS (RFC 7515): three base64url parts of which the first is a JSON object that names an
 * algorithm. `undefined` for anything else, a JWE included. Says nothing about the signature.
 */
export function readTokenHeader(text: string): TokenHeader | undefined {
  if (text.length > LONGEST_TOKEN) return undefined;
  const [, first = '', ...others] = PARTS.exec(text) ?? [];
  // A quarter of a byte cannot be the rest of a part.
  if (first === '' || [first, ...others].some((part) => part.length % 4 === 1)) return undefined;
  let header: unknown;
  try {
    header = JSON.parse(Buffer.from(first, 'base64url').toString());
  } catch {
    return undefined;
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) return undefined;
  const { alg, kid }: { alg?: unknown; kid?: unknown } = header;
  return typeof alg === 'string' ? { alg, kid } : undefined;
}
