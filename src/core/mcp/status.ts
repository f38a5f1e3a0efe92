// How the MCP plane is doing, as plain data for operators.
import type { UpstreamState } from './upstream/upstream.ts';

export interface McpServerStatus {
  readonly name: string;
  /** `idle`: nothing has asked for it yet, so it was not started. */
  readonly state: UpstreamState | 'idle';
  /** How many tools it lists; absent where that depends on who asks. */
  readonly tools?: number | undefined;
  /** Why it is down. */
  readonly problem?: string | undefined;
}

export interface McpStatus {
  /** Calls under way. */
  readonly inFlight: number;
  readonly servers: readonly McpServerStatus[];
}
