// The door of this folder: all limits of a configuration, and the one store that counts for them.
import type { ParsedConfig } from '../../config/resolve.ts';
import type { ParsedServerRates } from '../../config/resolve-limits.ts';
import type { CounterStore } from '../../stores/counter-store.ts';
import { type OpenCountersOptions, openCounters } from '../../stores/open-counters.ts';
import { RequestLimits } from './request-limits.ts';
import { TokenLimits } from './token-limits.ts';
import { ToolLimits } from './tool-limits.ts';

/** What is limited; absent: nothing of its kind is. */
export interface Limits {
  readonly requests: RequestLimits | undefined;
  readonly tools: ToolLimits | undefined;
  readonly tokens: TokenLimits | undefined;
  /** Whether the counters are where they should be. */
  readonly state: CounterStore['state'];
  /** Connects to where it is counted. Never rejects. */
  open(): Promise<void>;
  close(): Promise<void>;
}

/** `undefined` where nothing is limited. Connects to nothing yet. */
export function createLimits(config: ParsedConfig, options: OpenCountersOptions): Limits | undefined {
  const { rateLimits } = config.server;
  const { enabled, global, perIp, perClient } = rateLimits;
  const servers = enabled ? serverRates(config) : [];
  const limitsRequests = enabled && [global, perIp, perClient].some((rate) => rate !== undefined);
  const limitsTokens = config.llm.tokenLimits.length > 0 || hasTokenRates(config);
  if (!limitsRequests && !limitsTokens && servers.length === 0) return undefined;
  const store = openCounters(rateLimits.storage, options);
  return {
    requests: limitsRequests ? new RequestLimits(rateLimits, store) : undefined,
    tools: servers.length > 0 ? new ToolLimits(servers, store) : undefined,
    tokens: limitsTokens
      ? new TokenLimits({
          providers: config.llm.providers,
          limits: config.llm.tokenLimits,
          tells: rateLimits.headers,
          store,
        })
      : undefined,
    get state() {
      return store.state;
    },
    open: () => store.open(),
    close: () => store.close(),
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
