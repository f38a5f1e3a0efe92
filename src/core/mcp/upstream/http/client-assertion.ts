// How a client shows a token endpoint who it is without a secret that both know: a short-lived statement about itself,
// signed with its private key (RFC 7523 section 2.2, private_key_jwt).
import { randomUUID } from 'node:crypto';
import type { Secret } from '../../../config/secret.ts';
import { linkFailure } from '../link-failure.ts';

const LIFE_SECONDS = 60;
/** RFC 7523 section 2.2. */
export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export interface AssertionFacts {
  readonly clientId: string;
  /** PKCS #8 in PEM. */
  readonly privateKey: Secret;
  /** JWS name, such as `ES256`. */
  readonly algorithm: string;
  /** Who is to believe it: the issuer, or the token endpoint where no issuer is known. */
  readonly audience: string;
  /** Unix milliseconds. */
  readonly now: number;
}

/** A JWT, good for a minute. Rejects with a link failure when the key is none of that algorithm. */
export async function clientAssertion(facts: AssertionFacts): Promise<string> {
  const { clientId, privateKey, algorithm, audience, now } = facts;
  const [{ importPKCS8 }, { SignJWT }] = await Promise.all([import('jose/key/import'), import('jose/jwt/sign')]);
  const seconds = Math.floor(now / 1000);
  try {
    const key = await importPKCS8(privateKey.reveal(), algorithm);
    return await new SignJWT()
      .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(audience)
      .setJti(randomUUID())
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + LIFE_SECONDS)
      .sign(key);
  } catch {
    // What went wrong inside may quote the key.
    const why = `its private key cannot sign with ${algorithm}`;
    throw linkFailure('upstream_auth', why, { sent: false, over: false });
  }
}
