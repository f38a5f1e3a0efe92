/** Whose limit it was: everybody's, an address's, a caller's, an MCP server's or tool's, or one of tokens. */
export const LIMIT_SCOPES = ['global', 'ip', 'client', 'server', 'tool', 'tokens'] as const;

export type LimitScope = (typeof LIMIT_SCOPES)[number];

/** How many calls limits have refused since the instance was made, whatever its configuration. */
export class Refusals implements Readonly<Record<LimitScope, number>> {
  global = 0;
  ip = 0;
  client = 0;
  server = 0;
  tool = 0;
  tokens = 0;
}
