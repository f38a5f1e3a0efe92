// A sealed record → the instruments of OpenTelemetry. Times are seconds.
import type { Attributes, Counter, Histogram, Meter } from '@opentelemetry/api';
import type { McpOperation } from '../../exchange/mcp-operation.ts';
import type { RequestRecord } from '../../exchange/record.ts';
import type { StoreCommand } from '../../exchange/store-command.ts';
import { mcpErrorType } from './error-types.ts';
import { MCP_METHODS, modelOperation } from './operation-kind.ts';
import { clientOf, errorTypeOf, requestedModel } from './request-spans.ts';

/** Steps of the conventions for HTTP, and those for generative models. */
const SHORT = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const LONG = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68];
const BRIEF = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

export interface MetricsOptions {
  /** Metrics tell clients apart. */
  readonly clientIds: boolean;
  /** Whether the shared store for limits is there; `undefined` where there is none. */
  readonly store: () => 'ready' | 'away' | undefined;
}

export class RequestMetrics {
  readonly #clientIds: boolean;
  readonly #http: Histogram;
  readonly #tools: Histogram;
  readonly #mcp: ReadonlyMap<string, Histogram>;
  readonly #operations: Histogram;
  readonly #firstToken: Histogram;
  readonly #input: Counter;
  readonly #output: Counter;
  readonly #total: Counter;
  readonly #countTokens: Histogram;
  readonly #redis: Histogram;

  constructor(meter: Meter, { clientIds, store }: MetricsOptions) {
    const histogram = (name: string, steps: number[], description: string): Histogram =>
      meter.createHistogram(name, { unit: 's', description, advice: { explicitBucketBoundaries: steps } });
    const tokens = (kind: string): Counter =>
      meter.createCounter(`gen_ai.client.${kind}.token.usage`, {
        unit: '{token}',
        description: `Tokens that providers reported: ${kind}`,
      });
    this.#clientIds = clientIds;
    this.#http = histogram('http.server.request.duration', SHORT, 'HTTP requests, until their last byte');
    this.#tools = histogram('mcp.tool.call.duration', LONG, 'Calls of MCP tools');
    const others = new Set([...MCP_METHODS.values()].map(({ instrument }) => instrument));
    this.#mcp = new Map([...others].map((name) => [name, histogram(name, LONG, 'Requests of MCP clients')]));
    this.#operations = histogram('gen_ai.client.operation.duration', LONG, 'Model calls, until their last byte');
    this.#firstToken = histogram('gen_ai.client.time_to_first_token', LONG, 'Streams, until their first content');
    this.#input = tokens('input');
    this.#output = tokens('output');
    this.#total = tokens('total');
    this.#countTokens = histogram('gen_ai.client.count_tokens.duration', LONG, 'Counts of tokens');
    this.#redis = histogram('redis.command.duration', BRIEF, 'Questions to Redis about limits');
    watchStore(meter, store);
  }

  /** `route` is the pattern the request was served at. */
  observe(record: Readonly<RequestRecord>, route: string): void {
    if (record.method !== '') this.answered(record.method, route, record.status, record.durationMs);
    const client = this.#clientOf(record);
    const operation = modelOperation(record.endpoint)?.name;
    if (operation === 'chat.completions' || operation === 'embeddings') this.#observeCall(record, operation, client);
    else if (operation === 'count_tokens') this.#observeCount(record);
    for (const one of record.operations) this.#observeMcp(one, client);
    for (const command of record.storeCommands) this.#observeCommand(command);
  }

  /** A request that was answered, whoever served it. */
  answered(method: string, route: string, status: number, durationMs: number): void {
    this.#http.record(durationMs / 1000, {
      'http.request.method': KNOWN_METHODS.has(method) ? method : '_OTHER',
      'http.route': route,
      'http.response.status_code': status,
    });
  }

  #observeCall(record: Readonly<RequestRecord>, operation: string, client: Attributes): void {
    const { durationMs, finishReason, firstContentMs, stream, usage, usageSource } = record;
    const errorType = errorTypeOf(record);
    const attributes: Attributes = {
      'gen_ai.system': 'nexus.llm',
      'gen_ai.operation.name': operation,
      'gen_ai.request.model': requestedModel(record),
      ...client,
    };
    this.#operations.record(durationMs / 1000, {
      ...attributes,
      ...(finishReason === undefined ? {} : { 'gen_ai.response.finish_reason': finishReason }),
      ...(errorType === undefined ? {} : { 'error.type': errorType }),
    });
    if (stream && firstContentMs !== undefined) this.#firstToken.record(firstContentMs / 1000, attributes);
    if (usage === undefined || usageSource !== 'reported') return;
    this.#input.add(usage.input, attributes);
    this.#output.add(usage.output, attributes);
    this.#total.add(usage.input + usage.output, attributes);
  }

  #observeCount(record: Readonly<RequestRecord>): void {
    this.#countTokens.record(record.durationMs / 1000, {
      'gen_ai.request.model': requestedModel(record),
      'gen_ai.response': record.status < 400 ? 'success' : 'error',
    });
  }

  #observeMcp(operation: McpOperation, client: Attributes): void {
    const { durationMs, errorCode, isToolError, keywordCount, method, resultCount, server, tool, toolType } = operation;
    const failed = errorCode !== undefined || isToolError;
    const outcome: Attributes = failed
      ? { status: 'error', 'error.type': mcpErrorType(errorCode), ...client }
      : { status: 'success', ...client };
    if (method === 'tools/call') {
      this.#tools.record(durationMs / 1000, {
        tool_name: tool ?? 'unknown',
        tool_type: toolType ?? 'unknown',
        ...(server === undefined ? {} : { server_name: server }),
        ...(keywordCount === undefined ? {} : { keyword_count: keywordCount }),
        ...(resultCount === undefined ? {} : { result_count: resultCount }),
        ...outcome,
      });
      return;
    }
    const known = MCP_METHODS.get(method);
    if (known !== undefined)
      this.#mcp.get(known.instrument)?.record(durationMs / 1000, { method: known.method, ...outcome });
  }

  #observeCommand({ durationMs, failed, operation }: StoreCommand): void {
    const outcome = failed ? { status: 'error', 'error.type': 'script_execution' } : { status: 'success' };
    this.#redis.record(durationMs / 1000, { operation, ...outcome });
  }

  #clientOf(record: Readonly<RequestRecord>): Attributes {
    const { clientGroup } = record;
    if (this.#clientIds) return clientOf(record);
    return clientGroup === undefined ? {} : { 'client.group': clientGroup };
  }
}

const KNOWN_METHODS: ReadonlySet<string> = new Set([
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'CONNECT',
  'PATCH',
  'TRACE',
]);

/** One connection carries all commands at once: while it is there it is in use, and takes more. */
function watchStore(meter: Meter, store: MetricsOptions['store']): void {
  for (const name of ['in_use', 'available']) {
    const gauge = meter.createObservableGauge(`redis.pool.connections.${name}`, {
      unit: '{connection}',
      description: `Connections to Redis: ${name}`,
    });
    gauge.addCallback((result) => {
      const state = store();
      if (state !== undefined) result.observe(state === 'ready' ? 1 : 0);
    });
  }
}
