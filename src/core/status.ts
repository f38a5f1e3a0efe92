// How an instance is doing, as plain data: what `nexus.status()` says and the status endpoint serves. Holds no secret.
import type { SinkState } from './exchange/sink.ts';
import type { LlmStatus } from './llm/status.ts';
import type { McpStatus } from './mcp/status.ts';
import type { LimitScope } from './policy/limits/refusals.ts';
import type { StoreUse } from './stores/store-errors.ts';
import type { ExportState } from './telemetry/otel/export-state.ts';

export interface NexusStatus {
  readonly version: string;
  /** When the instance was made: ISO 8601, UTC. */
  readonly startedAt: string;
  readonly uptimeSeconds: number;
  /** Number of the configuration that holds: 1 at first, one more with every reload. */
  readonly generation: number;
  /** `starting` until everything has been loaded that is loaded on first use, or by `ready()`; it serves all the same. */
  readonly state: 'starting' | 'ready' | 'draining';
  readonly llm: LlmStatus;
  readonly mcp: McpStatus;
  /** Absent where nothing is limited. */
  readonly limits?: LimitsStatus | undefined;
  /** How often a shared store gave no answer, by what it was asked about; 0 where nothing is shared. */
  readonly storeErrors: Readonly<Record<StoreUse, number>>;
  /** What became of the records of requests. */
  readonly records: RecordsStatus;
  /** Exporters of OpenTelemetry that are open; empty where nothing is exported. */
  readonly exporters: readonly ExportState[];
}

export interface LimitsStatus {
  readonly storage: 'memory' | 'redis';
  /** `away`: what is shared is counted in this process until Redis is back, or as the configuration says. */
  readonly state: 'ready' | 'away';
  /** How many calls were refused, by whose limit it was. */
  readonly refused: Readonly<Record<LimitScope, number>>;
}

export interface RecordsStatus {
  /** That wait for their turn. */
  readonly queued: number;
  /** That came when too many waited. */
  readonly dropped: number;
  /** Failures of all sinks, and of settling. */
  readonly failed: number;
  /** Those who learn from records, in their order. */
  readonly sinks: readonly SinkState[];
}
