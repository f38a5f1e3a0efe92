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

interface Packages {
  api: typeof import('@opentelemetry/api');
  apiLogs: typeof import('@opentelemetry/api-logs');
  resources: typeof import('@opentelemetry/resources');
  traces: typeof import('@opentelemetry/sdk-trace-base');
  metrics: typeof import('@opentelemetry/sdk-metrics');
  logs: typeof import('@opentelemetry/sdk-logs');
  tracesOverGrpc: typeof import('@opentelemetry/exporter-trace-otlp-grpc');
  tracesOverHttp: typeof import('@opentelemetry/exporter-trace-otlp-proto');
  metricsOverGrpc: typeof import('@opentelemetry/exporter-metrics-otlp-grpc');
  metricsOverHttp: typeof import('@opentelemetry/exporter-metrics-otlp-proto');
  logsOverGrpc: typeof import('@opentelemetry/exporter-logs-otlp-grpc');
  logsOverHttp: typeof import('@opentelemetry/exporter-logs-otlp-proto');
  grpc: typeof import('@grpc/grpc-js');
}

/** A package that the application has not installed. */
class PackageMissing extends Error {
  override readonly name = 'PackageMissing';
}

/** Rejects with what `loadPackages` tells of when the package is not installed. */
export async function loadPackage<Name extends keyof Packages>(name: Name): Promise<Packages[Name]>;
export async function loadPackage(name: keyof Packages): Promise<unknown> {
  // An application's bundler fails for a package it does not find, unless the import stands in a `try` itself.
  try {
    switch (name) {
      case 'api':
        return await import('@opentelemetry/api');
      case 'apiLogs':
        return await import('@opentelemetry/api-logs');
      case 'resources':
        return await import('@opentelemetry/resources');
      case 'traces':
        return await import('@opentelemetry/sdk-trace-base');
      case 'metrics':
        return await import('@opentelemetry/sdk-metrics');
      case 'logs':
        return await import('@opentelemetry/sdk-logs');
      case 'tracesOverGrpc':
        return await import('@opentelemetry/exporter-trace-otlp-grpc');
      case 'tracesOverHttp':
        return await import('@opentelemetry/exporter-trace-otlp-proto');
      case 'metricsOverGrpc':
        return await import('@opentelemetry/exporter-metrics-otlp-grpc');
      case 'metricsOverHttp':
        return await import('@opentelemetry/exporter-metrics-otlp-proto');
      case 'logsOverGrpc':
        return await import('@opentelemetry/exporter-logs-otlp-grpc');
      case 'logsOverHttp':
        return await import('@opentelemetry/exporter-logs-otlp-proto');
      case 'grpc':
        return await import('@grpc/grpc-js');
    }
  } catch (cause) {
    throw isMissing(cause) ? new PackageMissing(`${name} is not installed`, { cause }) : cause;
  }
}

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
    if (!(cause instanceof PackageMissing) && !isMissing(cause)) throw cause;
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
