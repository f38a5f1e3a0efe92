// Who takes the traces, metrics and logs: the application's own providers, or ours with an exporter behind.
import type { Meter, Tracer } from '@opentelemetry/api';
import type { Logger as LogSink } from '@opentelemetry/api-logs';
import type { Resource } from '@opentelemetry/resources';
import type { ParsedExporter, ParsedOpenTelemetry } from '../../config/resolve-otlp.ts';
import type { Logger } from '../../runtime/logger.ts';
import { ExportWatch } from './export-state.ts';
import { openLogExporter, openMetricExporter, openTraceExporter } from './exporters.ts';
import type { HostProviders } from './host-providers.ts';
import { loadPackage, loadPackages, neededPackages, type Signal } from './packages.ts';
import type { TraceApi } from './request-trace.ts';
import { TraceIds } from './trace-ids.ts';
import type { Sampling } from './unsampled-trace.ts';

export interface OpenProviders {
  readonly api: TraceApi;
  readonly tracer: Tracer | undefined;
  /** Absent where the application's tracer decides. */
  readonly sampling: Sampling | undefined;
  readonly meter: Meter | undefined;
  readonly logs: LogSink | undefined;
  readonly exports: readonly ExportWatch[];
  /** Sends what is left and lets go; of providers that are not ours, nothing. */
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly host: HostProviders;
  readonly version: string;
  readonly logger: Logger;
}

/** The name of the tracer, the meter and the logger. */
const SCOPE = 'nexus';
const CLOSE_MS = 5000;
/** Longest text of an attribute: names come from clients too. */
const LONGEST_VALUE = 1024;

/** Rejects with `config_invalid` where a package or a file is missing. */
export function openProviders(settings: ParsedOpenTelemetry, options: OpenOptions): Promise<OpenProviders> {
  const signals = (['traces', 'metrics', 'logs'] as const).flatMap((signal): [Signal, 'grpc' | 'http'][] => {
    const exporter = settings[signal];
    return exporter === undefined ? [] : [[signal, exporter.protocol]];
  });
  return loadPackages(() => open(settings, options), neededPackages(signals));
}

async function open(settings: ParsedOpenTelemetry, { host, logger, version }: OpenOptions): Promise<OpenProviders> {
  const api = await loadPackage('api');
  const given = {
    traces: host.tracerProvider ?? (settings.traces && globalTracers(api)),
    metrics: host.meterProvider ?? (settings.metrics && globalMeters(api)),
    logs: host.loggerProvider ?? (settings.logs && (await globalLoggers())),
  };
  const resource = await resourceOf(settings, given, version);
  const exports: ExportWatch[] = [];
  const ours: { shutdown(): Promise<void> }[] = [];
  const own = async <Provider extends { shutdown(): Promise<void> }>(
    signal: Signal,
    make: (exporter: ParsedExporter, watch: ExportWatch, resource: Resource) => Promise<Provider>,
  ): Promise<Provider | undefined> => {
    const exporter = settings[signal];
    if (exporter === undefined || given[signal] !== undefined || resource === undefined) return undefined;
    const watch = new ExportWatch(signal, logger);
    const provider = await make(exporter, watch, resource);
    exports.push(watch);
    ours.push(provider);
    return provider;
  };
  let sampling: Sampling | undefined;
  const [tracers, meters, loggers] = await Promise.all([
    own('traces', async (exporter, watch, about) => {
      sampling = await openSampling(settings, api);
      return openTracers(settings, exporter, watch, about, sampling);
    }),
    own('metrics', openMeters),
    own('logs', openLoggers),
  ]);
  return {
    api,
    // What the application gives is of OpenTelemetry's API; our public types do not depend on a package it may not have.
    tracer: (given.traces ?? tracers)?.getTracer(SCOPE, version) as Tracer | undefined,
    sampling,
    meter: (given.metrics ?? meters)?.getMeter(SCOPE, version) as Meter | undefined,
    logs: (given.logs ?? loggers)?.getLogger(SCOPE, version) as LogSink | undefined,
    exports,
    close: () => withinTime(ours.map((provider) => provider.shutdown())),
  };
}

async function openSampling(
  { parentBased, sampling }: ParsedOpenTelemetry,
  { SamplingDecision }: TraceApi,
): Promise<Sampling> {
  const { ParentBasedSampler, TraceIdRatioBasedSampler } = await loadPackage('traces');
  const ratio = new TraceIdRatioBasedSampler(sampling);
  return {
    sampler: parentBased ? new ParentBasedSampler({ root: ratio }) : ratio,
    ids: new TraceIds(),
    notRecorded: SamplingDecision.NOT_RECORD,
  };
}

async function openTracers(
  { limits }: ParsedOpenTelemetry,
  settings: ParsedExporter,
  watch: ExportWatch,
  resource: Resource,
  { ids, sampler }: Sampling,
) {
  const { BasicTracerProvider, BatchSpanProcessor } = await loadPackage('traces');
  const exporter = await openTraceExporter(settings);
  watch.on(exporter);
  return new BasicTracerProvider({
    resource,
    sampler,
    idGenerator: ids,
    spanLimits: {
      attributeValueLengthLimit: LONGEST_VALUE,
      attributeCountLimit: limits.maxAttributesPerSpan,
      eventCountLimit: limits.maxEventsPerSpan,
      linkCountLimit: limits.maxLinksPerSpan,
      attributePerEventCountLimit: limits.maxAttributesPerEvent,
      attributePerLinkCountLimit: limits.maxAttributesPerLink,
    },
    spanProcessors: [new BatchSpanProcessor(exporter, batchOf(settings))],
  });
}

async function openMeters(settings: ParsedExporter, watch: ExportWatch, resource: Resource) {
  const { MeterProvider, PeriodicExportingMetricReader } = await loadPackage('metrics');
  const exporter = await openMetricExporter(settings);
  watch.on(exporter);
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: settings.scheduledDelay,
    exportTimeoutMillis: Math.min(settings.timeout, settings.scheduledDelay),
  });
  return new MeterProvider({ resource, readers: [reader] });
}

async function openLoggers(settings: ParsedExporter, watch: ExportWatch, resource: Resource) {
  const { BatchLogRecordProcessor, LoggerProvider } = await loadPackage('logs');
  const exporter = await openLogExporter(settings);
  watch.on(exporter);
  return new LoggerProvider({
    resource,
    logRecordLimits: { attributeValueLengthLimit: LONGEST_VALUE },
    processors: [new BatchLogRecordProcessor({ exporter, ...batchOf(settings) })],
  });
}

function batchOf({ maxExportBatchSize, maxQueueSize, scheduledDelay, timeout }: ParsedExporter) {
  return { maxExportBatchSize, maxQueueSize, scheduledDelayMillis: scheduledDelay, exportTimeoutMillis: timeout };
}

/** `undefined` where nothing of ours is exported. */
async function resourceOf(
  settings: ParsedOpenTelemetry,
  given: Readonly<Record<Signal, object | undefined>>,
  version: string,
): Promise<Resource | undefined> {
  const isOurs = (['traces', 'metrics', 'logs'] as const).some(
    (signal) => settings[signal] !== undefined && given[signal] === undefined,
  );
  if (!isOurs) return undefined;
  const { defaultResource, resourceFromAttributes } = await loadPackage('resources');
  const about = { 'service.name': settings.serviceName, 'service.version': version, ...settings.resourceAttributes };
  return defaultResource().merge(resourceFromAttributes(about));
}

// What the application has registered with the API, for all its libraries. The API itself answers with something that does
// nothing where there is none.

function globalTracers({ ProxyTracerProvider, trace }: TraceApi): HostProviders['tracerProvider'] {
  const provider = trace.getTracerProvider();
  if (!(provider instanceof ProxyTracerProvider)) return provider;
  return provider.getDelegate() === new ProxyTracerProvider().getDelegate() ? undefined : provider;
}

function globalMeters({ createNoopMeter, metrics }: TraceApi): HostProviders['meterProvider'] {
  const provider = metrics.getMeterProvider();
  return provider.getMeter(SCOPE) === createNoopMeter() ? undefined : provider;
}

async function globalLoggers(): Promise<HostProviders['loggerProvider']> {
  const { logs } = await loadPackage('apiLogs');
  const isRegistered = Symbol.for('io.opentelemetry.js.api.logs') in globalThis;
  return isRegistered ? logs.getLoggerProvider() : undefined;
}

/** A collector that does not answer holds nobody up. */
async function withinTime(work: readonly Promise<void>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_MS);
  });
  await Promise.race([Promise.allSettled(work), late]);
  clearTimeout(timer);
}
