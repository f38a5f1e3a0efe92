import type { Context } from '@opentelemetry/api';
import type { ParsedOpenTelemetry } from '../../config/resolve-otlp.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { RequestRecord } from '../../exchange/record.ts';
import type { Trace } from '../../exchange/trace.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { ExportState } from './export-state.ts';
import { inboundTrace } from './inbound.ts';
import { exportLine } from './log-export.ts';
import type { Refused } from './observer.ts';
import { type OpenOptions, type OpenProviders, openProviders } from './providers.ts';
import { type MetricsOptions, RequestMetrics } from './request-metrics.ts';
import { writeSpans } from './request-spans.ts';
import { RequestTrace, remoteContext } from './request-trace.ts';
import { unsampled } from './unsampled-trace.ts';

const UNKNOWN_ROUTE = 'unknown';

/** Everything of OpenTelemetry that is on, with the packages it needs. */
export class LoadedObserver {
  readonly #providers: OpenProviders;
  readonly #metrics: RequestMetrics | undefined;
  readonly #tellsUpstreams: boolean;
  readonly #readsXray: boolean;

  constructor(providers: OpenProviders, settings: ParsedOpenTelemetry, store: MetricsOptions['store']) {
    const { meter } = providers;
    this.#providers = providers;
    this.#tellsUpstreams = settings.tellsUpstreams;
    this.#readsXray = settings.readsXray;
    this.#metrics = meter && new RequestMetrics(meter, { clientIds: settings.clientIds, store });
  }

  begin(exchange: Exchange | undefined, { startedAt, method, endpoint }: RequestRecord): Trace | undefined {
    const { api, sampling, tracer } = this.#providers;
    if (tracer === undefined) return undefined;
    const context = exchange === undefined ? api.context.active() : this.#contextOf(exchange);
    const kind = exchange === undefined ? api.SpanKind.INTERNAL : api.SpanKind.SERVER;
    const name = method || endpoint;
    if (sampling !== undefined) {
      const given = api.trace.getSpanContext(context);
      const parent = given !== undefined && api.isSpanContextValid(given) ? given : undefined;
      const trace = unsampled(sampling, context, parent, name, kind, this.#tellsUpstreams);
      if (trace !== undefined) return trace;
    }
    const root = tracer.startSpan(name, { kind, startTime: startedAt }, context);
    if (exchange !== undefined && root.isRecording()) root.setAttributes(requestAttributes(exchange));
    const ground = { api, tracer, tellsUpstreams: this.#tellsUpstreams };
    return new RequestTrace(ground, root, context, startedAt);
  }

  observe(record: Readonly<RequestRecord>, route: string): void {
    this.#metrics?.observe(record, route);
    const { trace } = record;
    if (trace instanceof RequestTrace) writeSpans(trace, record, route);
  }

  refused({ method, status }: Refused): void {
    // Nothing was waited for: there is no time to speak of.
    this.#metrics?.answered(method, UNKNOWN_ROUTE, status, 0);
  }

  log(level: keyof Logger, message: string, fields?: Readonly<Record<string, unknown>>): void {
    const { api, logs } = this.#providers;
    if (logs !== undefined) exportLine(logs, api, level, message, fields);
  }

  get exports(): readonly ExportState[] {
    return this.#providers.exports;
  }

  close(): Promise<void> {
    return this.#providers.close();
  }

  /** The application's own span comes first: it has the caller's above itself. */
  #contextOf(exchange: Exchange): Context {
    const { api } = this.#providers;
    const active = api.context.active();
    if (api.trace.getSpanContext(active) !== undefined) return active;
    const inbound = inboundTrace(exchange, this.#readsXray);
    return inbound === undefined ? active : api.trace.setSpanContext(active, remoteContext(api, inbound));
  }
}

export async function openObserver(
  settings: ParsedOpenTelemetry,
  options: OpenOptions & Pick<MetricsOptions, 'store'>,
): Promise<LoadedObserver> {
  return new LoadedObserver(await openProviders(settings, options), settings, options.store);
}

/** Never the query: clients put keys into it. */
function requestAttributes(exchange: Exchange) {
  const method = { 'http.request.method': exchange.method };
  const authority = exchange.header('host');
  if (authority === undefined) return { ...method, 'url.path': `${exchange.host.mountPath}${exchange.path}` };
  const scheme = exchange.header('x-forwarded-proto') === 'https' ? 'https' : 'http';
  return {
    ...method,
    'url.scheme': scheme,
    'url.full': `${scheme}://${authority}${exchange.host.mountPath}${exchange.path}`,
    'server.address': authority.replace(/:\d+$/, ''),
  };
}
