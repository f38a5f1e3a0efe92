// One exporter per signal, over gRPC or HTTP, as configured.
import { readFile } from 'node:fs/promises';
import { checkServerIdentity } from 'node:tls';
import type { ChannelCredentials, Metadata } from '@grpc/grpc-js';
import type { LogRecordExporter } from '@opentelemetry/sdk-logs';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { ParsedExporter, ParsedExporterTls } from '../../config/resolve-otlp.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import { loadPackage, type Signal } from './packages.ts';

export async function openTraceExporter(settings: ParsedExporter): Promise<SpanExporter> {
  if (settings.protocol === 'http') {
    const { OTLPTraceExporter } = await loadPackage('tracesOverHttp');
    return new OTLPTraceExporter(overHttp(settings, 'traces'));
  }
  const { OTLPTraceExporter } = await loadPackage('tracesOverGrpc');
  return new OTLPTraceExporter(await overGrpc(settings));
}

export async function openMetricExporter(settings: ParsedExporter): Promise<PushMetricExporter> {
  if (settings.protocol === 'http') {
    const { OTLPMetricExporter } = await loadPackage('metricsOverHttp');
    return new OTLPMetricExporter(overHttp(settings, 'metrics'));
  }
  const { OTLPMetricExporter } = await loadPackage('metricsOverGrpc');
  return new OTLPMetricExporter(await overGrpc(settings));
}

export async function openLogExporter(settings: ParsedExporter): Promise<LogRecordExporter> {
  if (settings.protocol === 'http') {
    const { OTLPLogExporter } = await loadPackage('logsOverHttp');
    return new OTLPLogExporter(overHttp(settings, 'logs'));
  }
  const { OTLPLogExporter } = await loadPackage('logsOverGrpc');
  return new OTLPLogExporter(await overGrpc(settings));
}

function overHttp({ endpoint, headers, maxConcurrentExports, timeout }: ParsedExporter, signal: Signal) {
  const path = `/v1/${signal}`;
  return {
    url: endpoint.endsWith(path) ? endpoint : `${endpoint}${path}`,
    headers: Object.fromEntries(headers.map(([name, value]) => [name, value.reveal()])),
    timeoutMillis: timeout,
    concurrencyLimit: maxConcurrentExports,
  };
}

interface GrpcOptions {
  readonly url: string;
  readonly metadata: Metadata;
  readonly credentials: ChannelCredentials;
  readonly timeoutMillis: number;
  readonly concurrencyLimit: number;
}

async function overGrpc({
  endpoint,
  headers,
  maxConcurrentExports,
  timeout,
  tls,
}: ParsedExporter): Promise<GrpcOptions> {
  const { credentials, Metadata: GrpcMetadata } = await loadPackage('grpc');
  const metadata = new GrpcMetadata();
  for (const [name, value] of headers) metadata.set(name, value.reveal());
  const isSecure = tls !== undefined || endpoint.startsWith('https:');
  return {
    url: endpoint,
    metadata,
    credentials: isSecure ? await secured(credentials, tls ?? {}) : credentials.createInsecure(),
    timeoutMillis: timeout,
    concurrencyLimit: maxConcurrentExports,
  };
}

async function secured(
  credentials: typeof import('@grpc/grpc-js').credentials,
  { ca, cert, domainName, key }: ParsedExporterTls,
): Promise<ChannelCredentials> {
  const [authority, privateKey, certificate] = await Promise.all([pem('ca', ca), pem('key', key), pem('cert', cert)]);
  return credentials.createSsl(
    authority,
    privateKey,
    certificate,
    domainName === undefined
      ? {}
      : { checkServerIdentity: (_host, presented) => checkServerIdentity(domainName, presented) },
  );
}

async function pem(name: string, path: string | undefined): Promise<Buffer | null> {
  if (path === undefined) return null;
  try {
    return await readFile(path);
  } catch (cause) {
    throw new NexusError('config_invalid', `exporters.otlp.grpc.tls.${name}: the file ${path} cannot be read`, {
      cause,
    });
  }
}
