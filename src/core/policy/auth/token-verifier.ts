// Judges tokens: signature, times, issuer, audience (RFC 7519, RFC 8725).
import type { CryptoKey, JSONWebKeySet, JWTPayload } from 'jose';
import type { ParsedOAuth } from '../../config/resolve-server.ts';
import type { Principal } from '../../exchange/principal.ts';
import { readTokenHeader } from './bearer-token.ts';
import type { KeySet, Keys } from './key-set.ts';

/** A token that has been found good. */
export interface VerifiedToken {
  readonly text: string;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Required scopes it does not have. */
  readonly missesScope: boolean;
  /** Unix milliseconds until which it is good. */
  readonly until: number;
  /** Who it stands for, once that has been worked out from its claims alone. */
  principal: Principal | undefined;
}

/** `malformed`: no token at all; `refused`: a token that is not good; `unavailable`: there are no keys to tell with. */
export type Verdict = VerifiedToken | 'malformed' | 'refused' | 'unavailable';

/** Signatures that need no shared secret: whoever can check one cannot make one. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512'],
  ...['PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512'],
  ...['EdDSA', 'Ed25519'],
];
const KNOWN_ALGORITHMS: ReadonlySet<string> = new Set(ALGORITHMS);
const MOST_REMEMBERED = 10_000;

export class TokenVerifier {
  readonly #config: ParsedOAuth;
  readonly #keys: KeySet;
  readonly #now: () => number;
  /**
   * Good tokens by their own text: they are held for their upstreams anyway, only good ones ever come in, and no look-up
   * tells how much of a wrong one is right.
   */
  readonly #good = new Map<string, VerifiedToken>();
  readonly #resolvers = new WeakMap<Keys, Awaited<ReturnType<typeof resolverFor>>>();

  /** `now` is the wall clock, in Unix milliseconds. */
  constructor(config: ParsedOAuth, keys: KeySet, now: () => number) {
    this.#config = config;
    this.#keys = keys;
    this.#now = now;
    // A key that has gone takes its tokens along.
    keys.onChange(() => this.#good.clear());
  }

  /** At once for a token that was found good before. */
  verify(text: string): Verdict | Promise<Verdict> {
    const good = this.#remembered(text);
    if (good === undefined) return this.#verifyNew(text);
    const refreshed = this.#keys.refreshIfDue();
    return refreshed === undefined ? good : refreshed.then(() => this.#remembered(text) ?? this.#verifyNew(text));
  }

  #remembered(text: string): VerifiedToken | undefined {
    const good = this.#good.get(text);
    if (good === undefined || this.#now() < good.until) return good;
    this.#good.delete(text);
    return undefined;
  }

  #verifyNew(text: string): Verdict | Promise<Verdict> {
    const header = readTokenHeader(text);
    if (header === undefined) return 'malformed';
    // Before anybody is asked for keys.
    if (!KNOWN_ALGORITHMS.has(header.alg)) return 'refused';
    return this.#verifyWithKeys(text);
  }

  async #verifyWithKeys(text: string): Promise<Verdict> {
    let keys = await this.#keys.current();
    if (keys === undefined) return 'unavailable';
    let judged = await this.#judge(text, keys);
    if (judged === 'no_key') {
      const newer = await this.#keys.after(keys);
      if (newer === undefined) return 'refused';
      keys = newer;
      judged = await this.#judge(text, keys);
      if (judged === 'no_key') return 'refused';
    }
    if (judged === 'refused') return judged;
    const token = this.#toVerified(text, judged);
    if (this.#good.size >= MOST_REMEMBERED) {
      const [oldest] = this.#good.keys();
      if (oldest !== undefined) this.#good.delete(oldest);
    }
    this.#good.set(text, token);
    return token;
  }

  async #judge(text: string, keys: Keys): Promise<JWTPayload | 'refused' | 'no_key'> {
    let resolver = this.#resolvers.get(keys);
    if (resolver === undefined) {
      resolver = await resolverFor(keys);
      this.#resolvers.set(keys, resolver);
    }
    const { issuer, audience, leeway } = this.#config;
    const currentDate = new Date(this.#now());
    return resolver(text, {
      algorithms: ALGORITHMS,
      requiredClaims: ['exp'],
      clockTolerance: leeway / 1000,
      currentDate,
      ...(issuer === undefined ? {} : { issuer }),
      ...(audience === undefined ? {} : { audience }),
    });
  }

  #toVerified(text: string, claims: JWTPayload): VerifiedToken {
    const { requiredScopes, leeway } = this.#config;
    const scopes = requiredScopes.length === 0 ? undefined : scopesOf(claims);
    return {
      text,
      claims,
      missesScope: scopes !== undefined && !requiredScopes.every((scope) => scopes.has(scope)),
      until: (claims.exp ?? 0) * 1000 + leeway,
      principal: undefined,
    };
  }
}

/** `scope` is a list in one text (RFC 9068); some servers call it `scp`, or write a list. */
function scopesOf({ scope, scp }: JWTPayload & { scope?: unknown; scp?: unknown }): ReadonlySet<unknown> {
  const lists: unknown[] = [scope, scp];
  return new Set(
    lists.flatMap((list) => (typeof list === 'string' ? list.split(' ') : Array.isArray(list) ? list : [])),
  );
}

interface Demands {
  readonly algorithms: string[];
  readonly requiredClaims: string[];
  readonly clockTolerance: number;
  readonly currentDate: Date;
  readonly issuer?: string;
  readonly audience?: string;
}

/** The verifier of tokens that are signed with one of these keys. The library is loaded with the first token. */
async function resolverFor({ jwks }: Keys) {
  const [{ jwtVerify }, { createLocalJWKSet }, errors] = await Promise.all([
    import('jose/jwt/verify'),
    import('jose/jwks/local'),
    import('jose/errors'),
  ]);
  const wrongKey = errors.JWSSignatureVerificationFailed;
  const resolve = createLocalJWKSet({ keys: [...jwks.keys] as JSONWebKeySet['keys'] });
  return async (text: string, demands: Demands): Promise<JWTPayload | 'refused' | 'no_key'> => {
    try {
      return (await jwtVerify(text, resolve, demands)).payload;
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return 'no_key';
      if (error instanceof errors.JWKSMultipleMatchingKeys) {
        return oneOf(error, (key) => jwtVerify(text, key, demands), wrongKey);
      }
      // A token that names no key may be signed with one that is newer than those there are.
      const isUnnamed = error instanceof wrongKey && readTokenHeader(text)?.kid === undefined;
      return isUnnamed ? 'no_key' : 'refused';
    }
  };
}

/** Tries the keys that may be meant, until one has made the signature. */
async function oneOf(
  keys: AsyncIterable<CryptoKey>,
  verify: (key: CryptoKey) => Promise<{ readonly payload: JWTPayload }>,
  wrongKey: abstract new (...values: never[]) => Error,
): Promise<JWTPayload | 'refused' | 'no_key'> {
  for await (const key of keys) {
    try {
      return (await verify(key)).payload;
    } catch (error) {
      if (!(error instanceof wrongKey)) return 'refused';
    }
  }
  return 'no_key';
}
