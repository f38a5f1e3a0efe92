// The door of this floor: what a configuration says is told, as endpoints and as watchers of records. Of metrics, nothing
// but this file is loaded before the first record or scrape.
import type { ParsedConfig } from '../config/resolve.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { RequestRecord } from '../exchange/record.ts';
import { type RecordSink, Subscription } from '../exchange/sink.ts';
import type { Endpoint, ErrorDialect } from '../http/endpoint.ts';
import type { Logger } from '../runtime/logger.ts';
import { accessCheck, type Readers } from './access.ts';
import type { Metrics } from './prometheus/metrics.ts';
import type { Readings } from './readings.ts';
import { logRequest } from './request-log.ts';

export type ParsedTelemetry = NonNullable<ParsedConfig['telemetry']>;

/** What telemetry is told about the rest of the house. */
export interface TelemetryGround {
  /** Whether nobody gets to an endpoint without a good OAuth token. */
  readonly isGated: boolean;
  readonly dialect: ErrorDialect;
  /** Gets the request log. */
  readonly logger: Logger;
  /** Resolves when the watchers have been told of every request that is over. */
  readonly caughtUp: () => Promise<void>;
  /** Plain data; what of it is a gauge is counted. */
  readonly status: () => Readings;
  /** Whether a model, by its name at the provider, is one that the configuration or the provider lists. */
  readonly knowsModel: (provider: string, model: string) => boolean;
}

/** Endpoints for those who watch over the process: what they ask is no traffic. */
const PROBES: ReadonlySet<string> = new Set(['health', 'health.ready', 'metrics', 'status']);

export class Telemetry {
  readonly endpoints: readonly Endpoint[];
  /** They learn from the records of this configuration. */
  readonly watchers: readonly Subscription[];
  readonly #ground: TelemetryGround;
  readonly #counts: Counts;

  /** `earlier` is that of the configuration before: counts go on. */
  constructor({ prometheus, status, logs }: ParsedTelemetry, ground: TelemetryGround, earlier?: Telemetry) {
    this.#ground = ground;
    this.#counts = earlier === undefined ? new Counts() : earlier.#counts;
    this.endpoints = [
      ...(prometheus.enabled ? [this.#metricsEndpoint(prometheus)] : []),
      ...(status.enabled ? [this.#statusEndpoint(status)] : []),
    ];
    this.watchers = [
      ...(prometheus.enabled ? [new Subscription('prometheus', traffic(this.#observe))] : []),
      ...(logs.requests ? [new Subscription('request log', traffic(this.#log))] : []),
    ];
  }

  readonly #observe = (record: Readonly<RequestRecord>): void | Promise<void> => {
    const { ready } = this.#counts;
    const { knowsModel } = this.#ground;
    if (ready !== undefined) ready.observe(record, knowsModel);
    else return this.#counts.open().then((metrics) => metrics.observe(record, knowsModel));
  };

  readonly #log = (record: Readonly<RequestRecord>): void => logRequest(this.#ground.logger, record);

  #metricsEndpoint({ path, ...readers }: ParsedTelemetry['prometheus']): Endpoint {
    return this.#endpoint('metrics', path, readers, 'telemetry.prometheus', async (exchange) => {
      const metrics = await this.#counts.open();
      return metrics.write(exchange.header('accept'), this.#ground.status());
    });
  }

  #statusEndpoint({ path, ...readers }: ParsedTelemetry['status']): Endpoint {
    return this.#endpoint('status', path, readers, 'telemetry.status', () => ({
      text: JSON.stringify(this.#ground.status()),
      contentType: 'application/json',
    }));
  }

  #endpoint(
    name: string,
    path: string,
    readers: Readers,
    place: string,
    write: (exchange: Exchange) => Written | Promise<Written>,
  ): Endpoint {
    const { dialect, isGated } = this.#ground;
    const check = accessCheck(readers, isGated, place);
    return {
      name,
      method: 'GET',
      paths: [path],
      dialect,
      always: true,
      // Its own token stands in the place of a caller's; whoever watches is not limited like callers either.
      anonymous: readers.token !== undefined || !isGated,
      handle: async (exchange) => {
        check?.(exchange);
        await this.#ground.caughtUp();
        const { text, contentType } = await write(exchange);
        return { status: 200, headers: ['content-type', contentType, 'cache-control', 'no-store'], body: text };
      },
    };
  }
}

interface Written {
  readonly text: string;
  readonly contentType: string;
}

/** Metrics, loaded and begun with the first record or scrape. */
class Counts {
  ready: Metrics | undefined;
  #opening: Promise<Metrics> | undefined;

  open(): Promise<Metrics> {
    this.#opening ??= import('./prometheus/metrics.ts').then((loaded) => {
      this.ready = new loaded.Metrics();
      return this.ready;
    });
    return this.#opening;
  }
}

function traffic(sink: RecordSink): RecordSink {
  return (record) => (PROBES.has(record.endpoint) ? undefined : sink(record));
}
