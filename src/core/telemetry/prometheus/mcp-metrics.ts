// What the operations of MCP requests add up to: calls of tools, by the names their servers list.
import type { McpOperation } from '../../exchange/mcp-operation.ts';
import type { Exposition } from './exposition.ts';
import { type Counter, CounterFamily, type Histogram, HistogramFamily } from './series.ts';

type Outcome = 'success' | 'tool_error' | 'error';

interface ServerSeries {
  readonly duration: Histogram;
  readonly tools: Map<string, Map<Outcome, Counter>>;
}

export class McpMetrics {
  readonly #servers = new Map<string, ServerSeries>();
  readonly #calls = new CounterFamily({
    name: 'nexus_mcp_tool_calls_total',
    help: 'Calls of MCP tools: success, tool_error where the tool says it failed, error where there was no result.',
    labels: ['server', 'tool', 'outcome'],
  });
  readonly #durations = new HistogramFamily(
    {
      name: 'nexus_mcp_tool_call_duration_seconds',
      help: 'Time of calls of MCP tools; without a server, those Nexus answers itself.',
      labels: ['server'],
    },
    [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  );

  observe({ method, server = '', tool = '', errorCode, isToolError, durationMs }: McpOperation): void {
    if (method !== 'tools/call') return;
    const series = this.#server(server);
    series.duration.observe(durationMs / 1000);
    this.#count(series, server, tool, errorCode !== undefined ? 'error' : isToolError ? 'tool_error' : 'success');
  }

  write(exposition: Exposition): void {
    exposition.counters(this.#calls);
    exposition.histograms(this.#durations);
  }

  #server(server: string): ServerSeries {
    let series = this.#servers.get(server);
    if (series === undefined) {
      series = { duration: this.#durations.with([server]), tools: new Map() };
      this.#servers.set(server, series);
    }
    return series;
  }

  #count({ tools }: ServerSeries, server: string, tool: string, outcome: Outcome): void {
    let counter = tools.get(tool)?.get(outcome);
    if (counter === undefined) {
      counter = this.#calls.with([server, tool, outcome]);
      // Of tools without a series of their own, because there are too many, nothing is remembered.
      if (counter.labels[1] === tool) remember(tools, tool, outcome, counter);
    }
    counter.value++;
  }
}

function remember(tools: ServerSeries['tools'], tool: string, outcome: Outcome, counter: Counter): void {
  const outcomes = tools.get(tool);
  if (outcomes === undefined) tools.set(tool, new Map([[outcome, counter]]));
  else outcomes.set(outcome, counter);
}
