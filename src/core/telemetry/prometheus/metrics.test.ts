import { describe, expect, it } from 'vitest';
import { openOperation } from '../../exchange/mcp-operation.ts';
import { openRecord, type RequestRecord } from '../../exchange/record.ts';
import type { Readings } from '../readings.ts';
import { Metrics } from './metrics.ts';

const READINGS: Readings = {
  version: '1.2.3',
  generation: 2,
  llm: {
    inFlight: 3,
    targets: [
      { provider: 'openai', model: 'gpt-5', state: 'cooling', inFlight: 1, latencyMs: { stream: 250 } },
      { provider: 'azure', model: 'gpt-5', state: 'half_open', inFlight: 0, latencyMs: {} },
    ],
    prices: [{ source: 'file', ageDays: 40 }, { source: 'shipped' }],
  },
  mcp: {
    inFlight: 0,
    servers: [
      { name: 'files', state: 'ready', tools: 4 },
      { name: 'web', state: 'down' },
    ],
  },
  limits: { state: 'away', refused: { global: 7 } },
  storeErrors: { limits: 5, rests: 0 },
  records: { dropped: 1, failed: 2 },
};

function record(facts: Partial<RequestRecord> = {}): RequestRecord {
  const base = openRecord('id', 0, 'openai.chat.completions', undefined);
  return { ...base, provider: 'openai', model: 'gpt-5', status: 200, durationMs: 800, ...facts };
}

const attempt = {
  provider: 'openai',
  model: 'gpt-5',
  key: undefined,
  spanId: undefined,
  forwarded: false,
  sent: true,
  status: 200,
};
const answered = { ...attempt, failure: undefined, startMs: 2, durationMs: 700 };
const knows = (_: string, model: string) => model.startsWith('gpt-5');

/** Lines of a metric and its samples, without the comments. */
function lines(metrics: Metrics, name: string, accept?: string): string[] {
  const { text } = metrics.write(accept, READINGS);
  return text.split('\n').filter((line) => line.startsWith(name) && /^[{ _]/.test(line.slice(name.length)));
}

describe('metrics of requests', () => {
  it('counts requests, time, tokens, cost and attempts', () => {
    const metrics = new Metrics();
    const usage = { input: 100, output: 20, cacheRead: 40, cacheWrite: 0, reasoning: 5 };
    const cost = {
      nanoUsd: 1_500_000_001,
      source: 'shipped',
      row: 'x',
      asOf: undefined,
      rates: {},
      unpriced: [],
    } as const;
    const failed = { ...attempt, provider: 'azure', failure: 'rate_limit', startMs: 1, durationMs: 1 } as const;
    const unsent = { ...failed, sent: false, failure: 'incapable' } as const;
    metrics.observe(
      record({ usage, cost, firstContentMs: 700, route: 'fast', attempts: [unsent, failed, answered] }),
      knows,
    );
    metrics.observe(record({ usage, cost, status: 502, error: 'upstream_invalid', durationMs: 1 }), knows);
    const labels = 'endpoint="openai.chat.completions",route="fast",provider="openai",model="gpt-5"';
    expect(lines(metrics, 'nexus_requests_total')).toEqual([
      `nexus_requests_total{${labels},status="200"} 1`,
      `nexus_requests_total{${labels.replace('fast', '')},status="502"} 1`,
    ]);
    expect(lines(metrics, 'nexus_tokens_total')).toEqual([
      'nexus_tokens_total{provider="openai",model="gpt-5",kind="input"} 200',
      'nexus_tokens_total{provider="openai",model="gpt-5",kind="output"} 40',
      'nexus_tokens_total{provider="openai",model="gpt-5",kind="cache_read"} 80',
      'nexus_tokens_total{provider="openai",model="gpt-5",kind="reasoning"} 10',
    ]);
    expect(lines(metrics, 'nexus_cost_usd_total')).toEqual([
      'nexus_cost_usd_total{provider="openai",model="gpt-5"} 3.000000002',
    ]);
    expect(lines(metrics, 'nexus_errors_total')).toEqual([
      'nexus_errors_total{provider="openai",code="upstream_invalid"} 1',
    ]);
    expect(lines(metrics, 'nexus_router_attempts_total')).toEqual([
      'nexus_router_attempts_total{provider="azure",class="incapable",outcome="skipped"} 1',
      'nexus_router_attempts_total{provider="azure",class="rate_limit",outcome="failed"} 1',
      'nexus_router_attempts_total{provider="openai",class="none",outcome="answered"} 1',
    ]);
  });

  it('counts what was paid for besides the answer where it was paid', () => {
    const metrics = new Metrics();
    const usage = { input: 7, output: 3, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
    const cost = { nanoUsd: 500, source: 'shipped', row: 'x', asOf: undefined, rates: {}, unpriced: [] } as const;
    const charge = { purpose: 'attempt', modelAlias: undefined, usage, usageSource: 'reported', cost } as const;
    const charges = [
      { ...charge, provider: 'azure', model: 'gpt-5' },
      { ...charge, provider: 'azure', model: 'invented' },
    ];
    metrics.observe(record({ usage, cost, charges }), knows);
    expect(lines(metrics, 'nexus_cost_usd_total')).toEqual([
      'nexus_cost_usd_total{provider="openai",model="gpt-5"} 5e-7',
      'nexus_cost_usd_total{provider="azure",model="gpt-5"} 5e-7',
      'nexus_cost_usd_total{provider="azure",model="other"} 5e-7',
    ]);
    expect(lines(metrics, 'nexus_tokens_total').filter((line) => line.includes('azure'))).toHaveLength(4);
  });

  it('puts durations into cumulative buckets that end with all of them', () => {
    const metrics = new Metrics();
    for (const durationMs of [50, 51, 1000, 400_000]) metrics.observe(record({ durationMs }), knows);
    const labels = 'endpoint="openai.chat.completions",provider="openai",model="gpt-5",stream="false"';
    const found = lines(metrics, 'nexus_request_duration_seconds');
    const buckets = found.filter((line) => line.includes('_bucket'));
    expect(buckets.map((line) => [/le="([^"]+)"/.exec(line)?.[1], line.split(' ').at(-1)])).toEqual([
      ['0.05', '1'],
      ['0.1', '2'],
      ['0.25', '2'],
      ['0.5', '2'],
      ['1.0', '3'],
      ['2.5', '3'],
      ['5.0', '3'],
      ['10.0', '3'],
      ['30.0', '3'],
      ['60.0', '3'],
      ['120.0', '3'],
      ['300.0', '3'],
      ['+Inf', '4'],
    ]);
    expect(found.slice(-2)).toEqual([
      `nexus_request_duration_seconds_sum{${labels}} 401.101`,
      `nexus_request_duration_seconds_count{${labels}} 4`,
    ]);
  });

  it('tells our own time from the provider’s, of whole answers and of streams', () => {
    const metrics = new Metrics();
    metrics.observe(record({ durationMs: 703, firstContentMs: 700, attempts: [answered] }), knows);
    metrics.observe(record({ stream: true, durationMs: 9000, firstContentMs: 300, attempts: [answered] }), knows);
    metrics.observe(record({ status: 400, error: 'invalid_request' }), knows);
    expect(lines(metrics, 'nexus_overhead_seconds_sum')).toEqual([
      'nexus_overhead_seconds_sum{endpoint="openai.chat.completions"} 0.005',
    ]);
    expect(lines(metrics, 'nexus_time_to_first_token_seconds_count')).toEqual([
      'nexus_time_to_first_token_seconds_count{provider="openai",model="gpt-5"} 1',
    ]);
  });

  it('stays bounded under 200,000 invented models, and loses none of them', () => {
    const metrics = new Metrics();
    for (let i = 0; i < 200_000; i++) {
      const usage = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
      metrics.observe(record({ model: `invented-${i}\n"${i}`, usage, stream: i % 2 === 0 }), knows);
    }
    expect(lines(metrics, 'nexus_requests_total')).toEqual([
      'nexus_requests_total{endpoint="openai.chat.completions",route="",provider="openai",model="other",status="200"} 200000',
    ]);
    expect(metrics.write(undefined, READINGS).text.length).toBeLessThan(20_000);
  });

  it('keeps to 2,000 time series a metric, however many models are known; the rest is other', () => {
    const metrics = new Metrics();
    const attempts = [answered];
    for (let i = 0; i < 5000; i++) metrics.observe(record({ model: `gpt-5-${i}`, firstContentMs: 1, attempts }), knows);
    for (let i = 0; i < 5000; i++) metrics.observe(record({ model: `gpt-5-${i}`, firstContentMs: 1, attempts }), knows);
    const requests = lines(metrics, 'nexus_requests_total');
    expect(requests).toHaveLength(2000);
    expect(requests.at(-1)).toBe(
      'nexus_requests_total{endpoint="other",route="other",provider="other",model="other",status="other"} 6002',
    );
    const durations = lines(metrics, 'nexus_request_duration_seconds');
    expect(durations.length).toBeLessThanOrEqual(2000);
    const sum = (of: string[]) => of.reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
    expect(sum(requests)).toBe(10_000);
    expect(sum(durations.filter((line) => line.includes('_count{')))).toBe(10_000);
  });
});

describe('metrics of MCP', () => {
  it('counts calls of tools by outcome, and nothing else', () => {
    const metrics = new Metrics();
    const call = { ...openOperation('tools/call', 0), server: 'files', tool: 'read', durationMs: 3 };
    const operations = [
      call,
      { ...call, isToolError: true },
      { ...call, errorCode: -32603 },
      { ...openOperation('tools/call', 0), tool: 'search' },
      openOperation('tools/list', 0),
    ];
    metrics.observe(record({ endpoint: 'mcp', provider: undefined, model: undefined, operations }), knows);
    expect(lines(metrics, 'nexus_mcp_tool_calls_total')).toEqual([
      'nexus_mcp_tool_calls_total{server="files",tool="read",outcome="success"} 1',
      'nexus_mcp_tool_calls_total{server="files",tool="read",outcome="tool_error"} 1',
      'nexus_mcp_tool_calls_total{server="files",tool="read",outcome="error"} 1',
      'nexus_mcp_tool_calls_total{server="",tool="search",outcome="success"} 1',
    ]);
    expect(lines(metrics, 'nexus_mcp_tool_call_duration_seconds_count')).toHaveLength(2);
  });

  it('stays bounded where a server changes the names of its tools for ever', () => {
    const metrics = new Metrics();
    const operations = Array.from({ length: 10_000 }, (_, i) => ({
      ...openOperation('tools/call', 0),
      server: 'odd',
      tool: `tool-${i}`,
    }));
    metrics.observe(record({ operations }), knows);
    expect(lines(metrics, 'nexus_mcp_tool_calls_total')).toHaveLength(2000);
  });
});

describe('the text', () => {
  it('has a head for every metric, once, and gauges as they are read', () => {
    const metrics = new Metrics();
    metrics.observe(record(), knows);
    const { text, contentType } = metrics.write('text/plain', READINGS);
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    const names = [...text.matchAll(/^# TYPE (\S+) (?:counter|gauge|histogram)$/gm)].map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect([...text.matchAll(/^# HELP (\S+) \S/gm)].map(([, name]) => name)).toEqual(names);
    expect(text.endsWith('\n')).toBe(true);
    expect(lines(metrics, 'nexus_target_state')).toEqual([
      'nexus_target_state{provider="openai",model="gpt-5"} 2',
      'nexus_target_state{provider="azure",model="gpt-5"} 1',
    ]);
    expect(lines(metrics, 'nexus_target_latency_seconds')).toEqual([
      'nexus_target_latency_seconds{provider="openai",model="gpt-5",stream="true"} 0.25',
    ]);
    expect(lines(metrics, 'nexus_mcp_server_up')).toEqual([
      'nexus_mcp_server_up{server="files"} 1',
      'nexus_mcp_server_up{server="web"} 0',
    ]);
    expect(lines(metrics, 'nexus_limits_refused_total')).toEqual(['nexus_limits_refused_total{scope="global"} 7']);
    expect(lines(metrics, 'nexus_limits_store_up')).toEqual(['nexus_limits_store_up 0']);
    expect(lines(metrics, 'nexus_store_errors_total')).toEqual([
      'nexus_store_errors_total{use="limits"} 5',
      'nexus_store_errors_total{use="rests"} 0',
    ]);
    expect(lines(metrics, 'nexus_price_file_age_days')).toEqual(['nexus_price_file_age_days{source="file"} 40']);
    expect(lines(metrics, 'nexus_build_info')).toEqual([
      `nexus_build_info{version="1.2.3",node="${process.versions.node}"} 1`,
    ]);
  });

  it('escapes what labels may hold', () => {
    const metrics = new Metrics();
    metrics.observe(record({ provider: 'o"p\\e\nn', model: 'gpt-5"} 1\nevil 2' }), () => true);
    expect(lines(metrics, 'nexus_requests_total')).toEqual([
      'nexus_requests_total{endpoint="openai.chat.completions",route="",provider="o\\"p\\\\e\\nn",model="gpt-5\\"} 1\\nevil 2",status="200"} 1',
    ]);
    expect(metrics.write(undefined, READINGS).text).not.toMatch(/^evil/m);
  });

  it('is OpenMetrics for whoever asks for it', () => {
    const metrics = new Metrics();
    metrics.observe(record(), knows);
    const accept = 'application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5';
    const { text, contentType } = metrics.write(accept, READINGS);
    expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(text).toMatch(/^# TYPE nexus_requests counter$/m);
    expect(text).toMatch(/^nexus_requests_total\{/m);
    expect(text.endsWith('\n# EOF\n')).toBe(true);
  });
});
