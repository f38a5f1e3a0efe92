// The packages of OpenTelemetry, loaded where the configuration asks for them, in this place only. They are optional: an
// application that exports nothing need not have them.
import { NexusError } from '../../errors/nexus-error.ts';

export type Signal = 'traces' | 'metrics' | 'logs';

const SDK = {
  traces: '@opentelemetry/sdk-trace-base',
  metrics: '@opentelemetry/sdk-metrics',
  logs: '@opentelemetry/sdk-logs',
} as const;

const EXPORTERS = {
  traces: '@opentelemetry/exporter-trace-otlp',
  metrics: '@opentelemetry/exporter-metrics-otlp',
  logs: '@opentelemetry/exporter-logs-otlp',
} as const;

export const PACKAGES = {
  api: () => import('@opentelemetry/api'),
  apiLogs: () => import('@opentelemetry/api-logs'),
  // Said in full: what is inferred cannot be written into a declaration.
  resources: (): Promise<typeof import('@opentelemetry/resources')> => import('@opentelemetry/resources'),
  traces: () => import('@opentelemetry/sdk-trace-base'),
  metrics: () => import('@opentelemetry/sdk-metrics'),
  logs: () => import('@opentelemetry/sdk-logs'),
  tracesOverGrpc: () => import('@opentelemetry/exporter-trace-otlp-grpc'),
  tracesOverHttp: () => import('@opentelemetry/exporter-trace-otlp-proto'),
  metricsOverGrpc: () => import('@opentelemetry/exporter-metrics-otlp-grpc'),
  metricsOverHttp: () => import('@opentelemetry/exporter-metrics-otlp-proto'),
  logsOverGrpc: () => import('@opentelemetry/exporter-logs-otlp-grpc'),
  logsOverHttp: () => import('@opentelemetry/exporter-logs-otlp-proto'),
  grpc: () => import('@grpc/grpc-js'),
};

/** What has to be installed to export these signals, each over gRPC or HTTP. */
export function neededPackages(signals: readonly (readonly [Signal, 'grpc' | 'http'])[]): readonly string[] {
  const names = new Set(['@opentelemetry/api']);
  if (signals.length > 0) names.add('@opentelemetry/resources');
  for (const [signal, protocol] of signals) {
    names.add(SDK[signal]);
    names.add(`${EXPORTERS[signal]}-${protocol === 'grpc' ? 'grpc' : 'proto'}`);
    if (signal === 'logs') names.add('@opentelemetry/api-logs');
    if (protocol === 'grpc') names.add('@grpc/grpc-js');
  }
  return [...names].sort();
}

/** Loads; a package that is missing is told with the one command that brings all that are needed. */
export async function loadPackages<T>(load: () => Promise<T>, needed: readonly string[]): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    const command = `npm install ${needed.join(' ')}`;
    throw new NexusError('config_invalid', `telemetry needs packages that are not installed; run: ${command}`, {
      cause,
    });
  }
}

function isMissing(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}
