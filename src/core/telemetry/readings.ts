/**
 * How the process is doing at this moment, as far as gauges show it; the composition root reads it off the planes, which
 * telemetry does not know.
 */
export interface Readings {
  readonly version: string;
  /** Number of the configuration that holds, from 1. */
  readonly generation: number;
  readonly llm: {
    readonly inFlight: number;
    readonly targets: readonly TargetReading[];
    readonly prices: readonly PriceReading[];
  };
  readonly mcp: { readonly inFlight: number; readonly servers: readonly ServerReading[] };
  /** Absent where nothing is limited. */
  readonly limits?: LimitsReading | undefined;
  /** How often a shared store gave no answer, by what it was asked about. */
  readonly storeErrors: Readonly<Record<string, number>>;
  readonly records: { readonly dropped: number; readonly failed: number };
}

export interface TargetReading {
  readonly provider: string;
  readonly model: string;
  readonly state: 'up' | 'half_open' | 'cooling';
  readonly inFlight: number;
  readonly latencyMs: { readonly stream?: number | undefined; readonly whole?: number | undefined };
}

export interface PriceReading {
  readonly source: string;
  /** Absent where the list does not say of what day it is. */
  readonly ageDays?: number | undefined;
}

export interface ServerReading {
  readonly name: string;
  /** `ready`, or anything else. */
  readonly state: string;
  readonly tools?: number | undefined;
}

export interface LimitsReading {
  readonly state: 'ready' | 'away';
  /** Refusals by scope. */
  readonly refused: Readonly<Record<string, number>>;
}
