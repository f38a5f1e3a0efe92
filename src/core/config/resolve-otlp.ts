// The OpenTelemetry part of the `telemetry` table as the house reads it: per signal, where it goes.
import type * as z from 'zod';
import type { telemetrySchema } from './schema/telemetry.ts';
import type { Secret } from './secret.ts';

type Validated = z.output<ReturnType<typeof telemetrySchema>>;
type GivenExporters = Validated['exporters'];

/** A collector. Times in milliseconds. */
export interface ParsedExporter {
  readonly protocol: 'grpc' | 'http';
  /** Without a trailing slash; over HTTP the path of each signal is added. */
  readonly endpoint: string;
  readonly timeout: number;
  readonly scheduledDelay: number;
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
  readonly maxConcurrentExports: number;
  readonly headers: readonly (readonly [string, Secret])[];
  /** Paths of PEM files. */
  readonly tls: ParsedExporterTls | undefined;
}

export interface ParsedExporterTls {
  readonly domainName?: string | undefined;
  readonly key?: string | undefined;
  readonly cert?: string | undefined;
  readonly ca?: string | undefined;
}

export interface ParsedOpenTelemetry {
  readonly serviceName: string;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  /** Of each signal, where it goes; absent: nowhere. */
  readonly traces: ParsedExporter | undefined;
  readonly metrics: ParsedExporter | undefined;
  readonly logs: ParsedExporter | undefined;
  /** From 0 to 1. */
  readonly sampling: number;
  readonly parentBased: boolean;
  readonly limits: Readonly<Required<Validated['tracing']['collect']>>;
  /** Upstreams are told the trace. */
  readonly tellsUpstreams: boolean;
  readonly readsXray: boolean;
  /** Metrics tell clients apart. */
  readonly clientIds: boolean;
}

const DEFAULT_ENDPOINTS = { grpc: 'http://localhost:4317', http: 'http://localhost:4318' } as const;

/** Without the table nothing is exported; the rest holds for applications that bring providers of their own. */
export const WITHOUT_EXPORTERS: ParsedOpenTelemetry = {
  serviceName: 'nexus',
  resourceAttributes: {},
  traces: undefined,
  metrics: undefined,
  logs: undefined,
  sampling: 0,
  parentBased: false,
  limits: {
    maxEventsPerSpan: 128,
    maxAttributesPerSpan: 128,
    maxLinksPerSpan: 128,
    maxAttributesPerEvent: 128,
    maxAttributesPerLink: 128,
  },
  tellsUpstreams: false,
  readsXray: true,
  clientIds: true,
};

export function resolveOpenTelemetry(given: Validated): ParsedOpenTelemetry {
  const { exporters, logs, metrics, resourceAttributes, serviceName, tracing } = given;
  const { collect, parentBasedSampler, propagation, sampling } = tracing;
  return {
    serviceName: serviceName ?? 'nexus',
    resourceAttributes,
    traces: exporterOf(tracing.exporters ?? exporters),
    metrics: exporterOf(metrics.exporters ?? exporters),
    logs: exporterOf(logs.exporters ?? exporters),
    sampling,
    parentBased: parentBasedSampler,
    limits: collect,
    tellsUpstreams: propagation.traceContext,
    readsXray: propagation.awsXray,
    clientIds: metrics.clientIds,
  };
}

function exporterOf({ otlp }: GivenExporters): ParsedExporter | undefined {
  const { batchExport, enabled, endpoint, grpc, http, protocol, timeout } = otlp;
  if (!enabled) return undefined;
  return {
    protocol,
    endpoint: endpoint ?? DEFAULT_ENDPOINTS[protocol],
    timeout,
    ...batchExport,
    maxExportBatchSize: Math.min(batchExport.maxExportBatchSize, batchExport.maxQueueSize),
    headers: (protocol === 'grpc' ? grpc : http)?.headers ?? [],
    tls: grpc?.tls,
  };
}
