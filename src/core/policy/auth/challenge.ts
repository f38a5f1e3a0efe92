// How callers are refused for want of a token (RFC 6750, RFC 9728).
import type { ParsedOAuth } from '../../config/resolve-server.ts';
import type { ErrorCode } from '../../errors/codes.ts';
import { NexusError } from '../../errors/nexus-error.ts';

const UNQUOTABLE = /[^\x21-\x7e]|["\\]/gu;

export const METADATA_PATH = '/.well-known/oauth-protected-resource';

/** What is wrong with the caller's token. */
export type Refusal = 'missing' | 'other_scheme' | 'malformed' | 'refused' | 'unavailable' | 'insufficient_scope';

interface RefusalForm {
  readonly code: ErrorCode;
  readonly error: string;
  readonly description?: string;
}

const FORMS: Readonly<Record<Refusal, RefusalForm>> = {
  missing: { code: 'key_missing', error: 'invalid_token', description: 'missing token' },
  other_scheme: {
    code: 'token_invalid',
    error: 'invalid_token',
    description: 'token must be prefixed with Bearer',
  },
  malformed: { code: 'token_invalid', error: 'invalid_token', description: 'invalid token' },
  // Why is nobody's business who cannot show a good one.
  refused: { code: 'token_invalid', error: 'unauthorized' },
  unavailable: {
    code: 'key_set_unavailable',
    error: 'internal_server_error',
    description: 'An internal error occurred',
  },
  insufficient_scope: {
    code: 'insufficient_scope',
    error: 'insufficient_scope',
    description: 'The token does not have the scopes this needs',
  },
};

export class Challenge {
  readonly #origin: string;
  readonly #scope: string;

  constructor({ resource, requiredScopes }: Pick<ParsedOAuth, 'resource' | 'requiredScopes'>) {
    this.#origin = new URL(resource).origin;
    this.#scope = requiredScopes.length === 0 ? '' : `scope="${requiredScopes.join(' ')}"`;
  }

  /** `mountPath` is where the host mounted us, so that the address in the answer is one that is served. */
  error(refusal: Refusal, mountPath: string): NexusError {
    const { code, error, description } = FORMS[refusal];
    const parts = [
      refusal === 'insufficient_scope' ? 'error="insufficient_scope"' : '',
      this.#scope,
      // A mount's path may be the caller's to choose, as `/:tenant` is.
      `resource_metadata="${this.#origin}${mountPath.replaceAll(UNQUOTABLE, encodeURIComponent)}${METADATA_PATH}"`,
    ];
    return new NexusError(code, description ?? 'The token is not accepted', {
      body: JSON.stringify({ error, error_description: description }),
      headers: ['www-authenticate', `Bearer ${parts.filter((part) => part !== '').join(', ')}`],
    });
  }
}
