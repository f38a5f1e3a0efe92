// What is read when it is scraped: how targets, MCP servers, limits and the process itself are doing.
import process from 'node:process';
import type { Readings, TargetReading } from '../readings.ts';
import type { Exposition, Sample } from './exposition.ts';

/** A target that is not up is called only where nothing better is left. */
const STATES: Readonly<Record<TargetReading['state'], number>> = { up: 0, half_open: 1, cooling: 2 };

const TARGET = ['provider', 'model'] as const;
const one = (value: number): readonly Sample[] => [{ labels: [], value }];

export function writeReadings(exposition: Exposition, readings: Readings): void {
  const { llm, mcp, limits, storeErrors, records, version, generation } = readings;
  writeTargets(exposition, llm.targets);
  writePrices(exposition, llm.prices);
  exposition.samples({ name: 'nexus_inflight_calls', help: 'Calls under way, by plane.', labels: ['plane'] }, 'gauge', [
    { labels: ['llm'], value: llm.inFlight },
    { labels: ['mcp'], value: mcp.inFlight },
  ]);
  writeServers(exposition, mcp.servers);
  if (limits !== undefined) writeLimits(exposition, limits);
  exposition.samples(
    {
      name: 'nexus_store_errors_total',
      help: 'Questions that a shared store did not answer, by what they were about.',
      labels: ['use'],
    },
    'counter',
    Object.entries(storeErrors).map(([use, value]) => ({ labels: [use], value })),
  );
  exposition.samples(
    { name: 'nexus_records_dropped_total', help: 'Records that nobody could take in time.', labels: [] },
    'counter',
    one(records.dropped),
  );
  exposition.samples(
    { name: 'nexus_record_failures_total', help: 'Failures of those who take records.', labels: [] },
    'counter',
    one(records.failed),
  );
  exposition.samples(
    { name: 'nexus_build_info', help: 'Always 1; the labels say what runs.', labels: ['version', 'node'] },
    'gauge',
    [{ labels: [version, process.versions.node], value: 1 }],
  );
  exposition.samples(
    { name: 'nexus_config_generation', help: 'Number of the configuration that holds, from 1.', labels: [] },
    'gauge',
    one(generation),
  );
  writeProcess(exposition);
}

function writeTargets(exposition: Exposition, targets: Readings['llm']['targets']): void {
  const each = (value: (target: TargetReading) => number): Sample[] =>
    targets.map((target) => ({ labels: [target.provider, target.model], value: value(target) }));
  exposition.samples(
    { name: 'nexus_target_state', help: 'Targets of routes: 0 up, 1 half open, 2 cooling.', labels: TARGET },
    'gauge',
    each(({ state }) => STATES[state]),
  );
  exposition.samples(
    {
      name: 'nexus_target_latency_seconds',
      help: 'Expected latency of targets: until the first content of a stream, or the end of a whole answer.',
      labels: [...TARGET, 'stream'],
    },
    'gauge',
    targets.flatMap(({ provider, model, latencyMs: { stream, whole } }) => [
      ...(stream === undefined ? [] : [{ labels: [provider, model, 'true'], value: stream / 1000 }]),
      ...(whole === undefined ? [] : [{ labels: [provider, model, 'false'], value: whole / 1000 }]),
    ]),
  );
  exposition.samples(
    { name: 'nexus_inflight', help: 'Calls to targets of routes under way.', labels: TARGET },
    'gauge',
    each(({ inFlight }) => inFlight),
  );
}

function writePrices(exposition: Exposition, prices: Readings['llm']['prices']): void {
  exposition.samples(
    {
      name: 'nexus_price_file_age_days',
      help: 'Days since the price lists in use were written: that of the configuration, and that of the package.',
      labels: ['source'],
    },
    'gauge',
    prices.flatMap(({ source, ageDays }) => (ageDays === undefined ? [] : [{ labels: [source], value: ageDays }])),
  );
}

function writeServers(exposition: Exposition, servers: Readings['mcp']['servers']): void {
  exposition.samples(
    { name: 'nexus_mcp_server_up', help: 'Whether an MCP server is connected: 1 or 0.', labels: ['server'] },
    'gauge',
    servers.map(({ name, state }) => ({ labels: [name], value: state === 'ready' ? 1 : 0 })),
  );
  exposition.samples(
    { name: 'nexus_mcp_tools', help: 'Tools an MCP server lists.', labels: ['server'] },
    'gauge',
    servers.flatMap(({ name, tools }) => (tools === undefined ? [] : [{ labels: [name], value: tools }])),
  );
}

function writeLimits(exposition: Exposition, { state, refused }: NonNullable<Readings['limits']>): void {
  exposition.samples(
    {
      name: 'nexus_limits_refused_total',
      help: 'Calls that limits have refused, by whose limit it was.',
      labels: ['scope'],
    },
    'counter',
    Object.entries(refused).map(([scope, value]) => ({ labels: [scope], value })),
  );
  exposition.samples(
    { name: 'nexus_limits_store_up', help: 'Whether limits are counted where they should be: 1 or 0.', labels: [] },
    'gauge',
    one(state === 'ready' ? 1 : 0),
  );
}

/** By the names all Prometheus clients use. */
function writeProcess(exposition: Exposition): void {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  exposition.samples(
    { name: 'process_start_time_seconds', help: 'When the process began, in Unix seconds.', labels: [] },
    'gauge',
    one(Math.round(Date.now() - process.uptime() * 1000) / 1000),
  );
  exposition.samples(
    { name: 'process_cpu_seconds_total', help: 'CPU time of the process.', labels: [] },
    'counter',
    one((user + system) / 1e6),
  );
  exposition.samples(
    { name: 'process_resident_memory_bytes', help: 'Memory of the process.', labels: [] },
    'gauge',
    one(rss),
  );
  exposition.samples(
    { name: 'nodejs_heap_size_used_bytes', help: 'Part of it that objects take.', labels: [] },
    'gauge',
    one(heapUsed),
  );
}
