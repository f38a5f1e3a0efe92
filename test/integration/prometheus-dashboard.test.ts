import { readFile } from 'node:fs/promises';
import { createNexus } from 'nexus-ai';
import { type ListeningServer, listen } from 'nexus-ai/node';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bothVendors } from '../support/doors.ts';
import { postModern } from '../support/mcp-post.ts';
import { noPrometheus, startPrometheus, type TestPrometheus } from '../support/prometheus.ts';

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly expr: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
}

const dashboard: Dashboard = JSON.parse(await readFile('examples/grafana/nexus-dashboard.json', 'utf8'));
/** Rates need two scrapes, a second apart; machines that do much else at the time need longer. */
const PATIENCE = { timeout: 30_000, interval: 250 };
const TOKEN = 'scrape-token';

const queries = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }, index) => [`${title} ${String.fromCharCode(65 + index)}`, expr] as const),
);

/** As Grafana fills in its variables. */
function filled(expression: string): string {
  return expression
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$__range', '1m')
    .replaceAll('$job', 'nexus')
    .replaceAll('$instance', '.*');
}

describe.skipIf(noPrometheus !== undefined)('the dashboard, on a real Prometheus', () => {
  let provider: FakeProvider;
  let nexus: ListeningServer;
  let prometheus: TestPrometheus;
  let stopped = false;
  let traffic: Promise<void>;

  beforeAll(async () => {
    provider = await createFakeProvider();
    provider.script([{ match: { model: 'broken' }, reply: { error: { status: 500, message: 'no' } } }]);
    const { llm } = bothVendors(provider.url);
    const routes = { safe: { targets: ['openai/broken', 'openai/gpt-5-mini'] } };
    const instance = createNexus(
      {
        llm: {
          ...llm,
          routes,
          tokenLimits: { small: { by: 'everyone', models: ['anthropic/*'], limit: 1, interval: '1h' } },
        },
        mcp: {},
        telemetry: { prometheus: { enabled: true, token: TOKEN } },
      },
      { tools: { add: { description: 'Adds', run: () => 3 } } },
    );
    nexus = await listen(instance, { port: 0 });
    // The file that ships, with this test's address, token and pace.
    const file = await readFile('examples/grafana/prometheus.yml', 'utf8');
    expect(file).toContain('127.0.0.1:8000');
    prometheus = await startPrometheus(
      file
        .replace('scrape_interval: 15s', 'scrape_interval: 1s')
        .replace(/credentials_file: .*/, `credentials: ${TOKEN}`)
        .replace('127.0.0.1:8000', new URL(nexus.url).host),
    );
    traffic = goOn();
  });
  afterAll(async () => {
    stopped = true;
    await traffic;
    await prometheus?.close();
    await nexus.close({ drain: 0 });
    await provider.close();
  });

  async function goOn(): Promise<void> {
    const ask = (body: object) =>
      fetch(`${nexus.url}/llm/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ messages: [{ role: 'user', content: 'hi' }], ...body }),
      }).then((response) => response.text());
    while (!stopped) {
      await ask({ model: 'safe' });
      await ask({ model: 'safe', stream: true });
      await ask({ model: 'anthropic/claude-haiku-4-5' });
      await ask({ model: 'openai/broken' });
      await postModern(`${nexus.url}/mcp`, 'tools/call', {
        name: 'execute',
        arguments: { name: 'local__add', arguments: {} },
      });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  it('is scraped', async () => {
    await expect.poll(() => prometheus.targets(), PATIENCE).toMatchObject([{ health: 'up', lastError: '' }]);
  }, 40_000);

  it.each(queries)(
    '%s has data',
    async (_, expression) => {
      const values = async () =>
        (await prometheus.query(filled(expression))).map(({ value: [, value] }) => Number(value));
      await expect.poll(values, PATIENCE).toSatisfy((all) => all.length > 0 && all.every(Number.isFinite));
    },
    40_000,
  );

  it('has queries that Prometheus takes everywhere else too', async () => {
    for (const { expr } of dashboard.annotations.list) await prometheus.query(filled(expr));
    for (const { definition } of dashboard.templating.list) {
      const [, selector, label = ''] = /^label_values\((.+), (\w+)\)$/.exec(definition ?? '') ?? [];
      if (selector === undefined) continue;
      const samples = await prometheus.query(filled(selector));
      expect(samples.every(({ metric }) => metric[label] !== undefined) && samples.length > 0).toBe(true);
    }
  });
});

describe('the dashboard', () => {
  it('has a panel for everything an operator asks for', () => {
    const asked = queries.map(([, expression]) => expression).join('\n');
    for (const metric of [
      'nexus_requests_total',
      'nexus_errors_total',
      'nexus_request_duration_seconds_bucket',
      'nexus_time_to_first_token_seconds_bucket',
      'nexus_tokens_total',
      'nexus_cost_usd_total',
      'nexus_target_state',
      'nexus_overhead_seconds_bucket',
      'nexus_mcp_tool_calls_total',
      'nexus_limits_refused_total',
      'nexus_store_errors_total',
      'nexus_price_file_age_days',
    ]) {
      expect(asked).toContain(metric);
    }
  });

  it('asks for nothing that is not served', async () => {
    const provider = await createFakeProvider();
    const instance = createNexus(
      { ...bothVendors(provider.url), telemetry: { prometheus: { enabled: true, public: true } } },
      { tools: { add: { description: 'Adds', run: () => 3 } } },
    );
    const rateLimits = { enabled: true, global: { limit: 9, interval: '1h' } };
    const telemetry = { prometheus: { enabled: true, public: true } };
    await instance.reload({ ...bothVendors(provider.url), server: { rateLimits }, telemetry });
    const text = await (await instance.fetch('http://nexus/metrics')).text();
    const served = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    const asked = queries.flatMap(([, expression]) => [...expression.matchAll(/\b((?:nexus|process)_\w+)\{/g)]);
    for (const [, name = ''] of asked) expect(served).toContain(name.replace(/_bucket$/, ''));
    await instance.close();
    await provider.close();
  });

  it('gives every panel a place of its own and an id of its own', () => {
    const ids = dashboard.panels.map((panel) => Reflect.get(panel, 'id'));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
