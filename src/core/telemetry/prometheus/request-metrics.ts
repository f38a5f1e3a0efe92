// What sealed records add up to. A record finds its series through a chain of maps, label by label; text is made of
// them when they are scraped.
import type { FailureClass } from '../../exchange/attempt-record.ts';
import type { Cost } from '../../exchange/cost.ts';
import type { RequestRecord } from '../../exchange/record.ts';
import type { Usage } from '../../exchange/usage.ts';
import type { Exposition } from './exposition.ts';
import { type Counter, CounterFamily, type Histogram, HistogramFamily, OTHER } from './series.ts';

/** Whether a model is one that the configuration or its provider lists: only those are labels. */
export type KnownModel = (provider: string, model: string) => boolean;

const SECOND = 1000;
const NANO_USD = 1e9;

const KINDS = ['input', 'output', 'cacheRead', 'cacheWrite', 'reasoning'] as const satisfies readonly (keyof Usage)[];
const KIND_LABELS = ['input', 'output', 'cache_read', 'cache_write', 'reasoning'] as const;

/** A model at a provider, as labels and with its series. */
interface TargetSeries {
  readonly labels: readonly [provider: string, model: string];
  firstToken: Histogram | undefined;
  cost: Counter | undefined;
  readonly tokens: (Counter | undefined)[];
}

/** Requests of one endpoint and route to one target. */
interface PathSeries {
  readonly target: TargetSeries;
  readonly statuses: Map<number, Counter>;
  whole: Histogram | undefined;
  streamed: Histogram | undefined;
}

type Paths = Map<string, Map<string, Map<string, Map<string, PathSeries>>>>;

export class RequestMetrics {
  readonly #paths: Paths = new Map();
  readonly #targets = new Map<string, Map<string, TargetSeries>>();
  readonly #overheads = new Map<string, Histogram>();
  readonly #requests = new CounterFamily({
    name: 'nexus_requests_total',
    help: 'Requests that were answered, or left by their client, by HTTP status.',
    labels: ['endpoint', 'route', 'provider', 'model', 'status'],
  });
  readonly #durations = new HistogramFamily(
    {
      name: 'nexus_request_duration_seconds',
      help: 'Time from the arrival of a request to the last byte of its answer.',
      labels: ['endpoint', 'provider', 'model', 'stream'],
    },
    [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
  );
  readonly #firstTokens = new HistogramFamily(
    {
      name: 'nexus_time_to_first_token_seconds',
      help: 'Time until the first content of a streamed answer.',
      labels: ['provider', 'model'],
    },
    [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  );
  readonly #overhead = new HistogramFamily(
    {
      name: 'nexus_overhead_seconds',
      help: 'Time Nexus itself added to a request that was answered by a provider; reading the request body is part of it.',
      labels: ['endpoint'],
    },
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
  );
  readonly #tokens = new CounterFamily({
    name: 'nexus_tokens_total',
    help: 'Tokens read and written by models; cache_read and cache_write are parts of input, reasoning is one of output.',
    labels: ['provider', 'model', 'kind'],
  });
  readonly #costs = new CounterFamily(
    {
      name: 'nexus_cost_usd_total',
      help: 'What requests cost in US dollars, as far as models have prices.',
      labels: ['provider', 'model'],
    },
    NANO_USD,
  );
  readonly #errors = new CounterFamily({
    name: 'nexus_errors_total',
    help: 'Requests that failed, by error code; also streams that failed after their status.',
    labels: ['provider', 'code'],
  });
  readonly #errorSeries = new Map<string, Map<string, Counter>>();
  readonly #attempts = new CounterFamily({
    name: 'nexus_router_attempts_total',
    help: 'Tries at providers: answered, failed, or skipped before anything was sent; class says why.',
    labels: ['provider', 'class', 'outcome'],
  });
  readonly #attemptSeries = new Map<string, Map<string, Counter>>();

  /** A record after it was settled. */
  observe(record: Readonly<RequestRecord>, knows: KnownModel): void {
    const { attempts, provider = '', usage, cost, firstContentMs, durationMs, stream, error } = record;
    const path = this.#path(record.endpoint, record.route ?? '', provider, record.model ?? '', knows);
    this.#status(path, record).value++;
    this.#duration(path, record.endpoint, stream).observe(durationMs / SECOND);
    const { target } = path;
    if (firstContentMs !== undefined) {
      if (stream) {
        target.firstToken ??= this.#firstTokens.with(target.labels);
        target.firstToken.observe(firstContentMs / SECOND);
      }
      // Of a stream, what comes after its first content is the provider's pace.
      const own = stream ? attempts[0]?.startMs : durationMs - firstContentMs;
      if (own !== undefined) this.#overheadOf(record.endpoint).observe(Math.max(own, 0) / SECOND);
    }
    if (usage !== undefined) this.#count(target, usage);
    if (cost !== undefined) this.#charge(target, cost);
    for (const charge of record.charges) {
      const known = knows(charge.provider, charge.model);
      const charged = this.#target(charge.provider, known ? charge.model : OTHER);
      this.#count(charged, charge.usage);
      if (charge.cost !== undefined) this.#charge(charged, charge.cost);
    }
    if (error !== undefined)
      two(this.#errorSeries, provider, error, () => this.#errors.with([provider, error])).value++;
    for (const { provider: tried, failure, sent } of attempts) this.#attempt(tried, failure, sent);
  }

  write(exposition: Exposition): void {
    exposition.counters(this.#requests);
    exposition.histograms(this.#durations);
    exposition.histograms(this.#firstTokens);
    exposition.histograms(this.#overhead);
    exposition.counters(this.#tokens);
    exposition.counters(this.#costs);
    exposition.counters(this.#errors);
    exposition.counters(this.#attempts);
  }

  #target(provider: string, model: string): TargetSeries {
    return two(this.#targets, provider, model, () => ({
      labels: [provider, model] as const,
      firstToken: undefined,
      cost: undefined,
      tokens: KINDS.map(() => undefined),
    }));
  }

  #charge(target: TargetSeries, { nanoUsd }: Cost): void {
    target.cost ??= this.#costs.with(target.labels);
    target.cost.value += nanoUsd;
  }

  #path(endpoint: string, route: string, provider: string, model: string, knows: KnownModel): PathSeries {
    const models = inside(inside(inside(this.#paths, endpoint), route), provider);
    const known = models.get(model);
    if (known !== undefined) return known;
    const shown = model === '' || knows(provider, model) ? model : OTHER;
    // Names that callers make up find the series they share each time anew, and leave nothing behind.
    let path = models.get(shown);
    if (path === undefined) {
      const target = this.#target(provider, shown);
      path = { target, statuses: new Map(), whole: undefined, streamed: undefined };
      models.set(shown, path);
    }
    return path;
  }

  #status({ statuses, target }: PathSeries, { endpoint, route = '', status }: Readonly<RequestRecord>): Counter {
    let counter = statuses.get(status);
    if (counter === undefined) {
      counter = this.#requests.with([endpoint, route, ...target.labels, String(status)]);
      statuses.set(status, counter);
    }
    return counter;
  }

  #duration(path: PathSeries, endpoint: string, stream: boolean): Histogram {
    if (stream) {
      path.streamed ??= this.#durations.with([endpoint, ...path.target.labels, 'true']);
      return path.streamed;
    }
    path.whole ??= this.#durations.with([endpoint, ...path.target.labels, 'false']);
    return path.whole;
  }

  #overheadOf(endpoint: string): Histogram {
    let histogram = this.#overheads.get(endpoint);
    if (histogram === undefined) {
      histogram = this.#overhead.with([endpoint]);
      this.#overheads.set(endpoint, histogram);
    }
    return histogram;
  }

  #count({ labels, tokens }: TargetSeries, usage: Usage): void {
    for (let kind = 0; kind < KINDS.length; kind++) {
      const count = usage[KINDS[kind] ?? 'input'];
      if (count === 0) continue;
      const counter = tokens[kind] ?? this.#tokens.with([...labels, KIND_LABELS[kind] ?? '']);
      tokens[kind] = counter;
      counter.value += count;
    }
  }

  #attempt(provider: string, failure: FailureClass | undefined, sent: boolean): void {
    const outcome = failure === undefined ? 'answered' : sent ? 'failed' : 'skipped';
    const key = sent ? (failure ?? '') : `${failure} unsent`;
    two(this.#attemptSeries, provider, key, () => this.#attempts.with([provider, failure ?? 'none', outcome])).value++;
  }
}

/** The table under a name, empty at first. */
function inside<Value>(tables: Map<string, Map<string, Value>>, name: string): Map<string, Value> {
  let table = tables.get(name);
  if (table === undefined) {
    table = new Map();
    tables.set(name, table);
  }
  return table;
}

/** Finds what stands under two names, or puts it there. */
function two<Value>(tables: Map<string, Map<string, Value>>, first: string, second: string, make: () => Value): Value {
  const table = inside(tables, first);
  let value = table.get(second);
  if (value === undefined) {
    value = make();
    table.set(second, value);
  }
  return value;
}
