// The door of this folder: all limits of a configuration, and the one store that counts for them.
import type { ParsedConfig } from '../../config/resolve.ts';
import type { ParsedLimitStorage, ParsedServerRates } from '../../config/resolve-limits.ts';
import type { CounterStore } from '../../stores/counter-store.ts';
import type { Refusals } from './refusals.ts';
import { RequestLimits } from './request-limits.ts';
import { TokenLimits } from './token-limits.ts';
import { ToolLimits } from './tool-limits.ts';

/** What is limited; absent: nothing of its kind is. */
export interface Limits {
  readonly requests: RequestLimits | undefined;
  readonly tools: ToolLimits | undefined;
  readonly tokens: TokenLimits | undefined;
  /** Where it is counted. Whoever opened it closes it. */
  readonly store: CounterStore;
}

/** `undefined` where nothing is limited. Connects to nothing yet; `open` is called where there is something to count. */
export function createLimits(
  config: ParsedConfig,
  open: (storage: ParsedLimitStorage) => CounterStore,
  refusals?: Refusals,
): Limits | undefined {
  const { rateLimits } = config.server;
  const { enabled, global, perIp, perClient } = rateLimits;
  const servers = enabled ? serverRates(config) : [];
  const limitsRequests = enabled && [global, perIp, perClient].some((rate) => rate !== undefined);
  const limitsTokens = config.llm.tokenLimits.length > 0 || hasTokenRates(config);
  if (!limitsRequests && !limitsTokens && servers.length === 0) return undefined;
  const store = open(rateLimits.storage);
  return {
    requests: limitsRequests ? new RequestLimits(rateLimits, store, refusals) : undefined,
    tools: servers.length > 0 ? new ToolLimits(servers, store, refusals) : undefined,
    tokens: limitsTokens
      ? new TokenLimits({
          providers: config.llm.providers,
          limits: config.llm.tokenLimits,
          tells: rateLimits.headers,
          store,
          refusals,
        })
      : undefined,
    store,
  };
}

function serverRates({ mcp }: ParsedConfig): (readonly [string, ParsedServerRates])[] {
  return Object.values(mcp.servers).flatMap(({ name, rates }) => (rates === undefined ? [] : [[name, rates] as const]));
}

function hasTokenRates({ llm }: ParsedConfig): boolean {
  return Object.values(llm.providers).some(
    ({ tokenRate, models }) =>
      tokenRate !== undefined || Object.values(models).some((model) => model.tokenRate !== undefined),
  );
}
