/** Where bearer tokens come from. */
export interface TokenSource {
  /** A token that is good for a while yet, at once where one is at hand. Rejects with a link failure. */
  token(): string | Promise<string>;
  /** The server has refused this token; the next one is fetched anew. */
  refuse(token: string): void;
}

export function fixedToken(token: string): TokenSource {
  return { token: () => token, refuse: () => {} };
}
