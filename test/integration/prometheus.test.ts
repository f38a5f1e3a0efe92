import { createNexus, type NexusConfig, type NexusOptions } from 'nexus-ai';
import { type ListeningServer, listen } from 'nexus-ai/node';
import { describe, expect, it } from 'vitest';
import { openAuthorizationServer } from '../support/authorization-server.ts';
import { bothVendors } from '../support/doors.ts';
import { openFileProvider } from '../support/file-provider.ts';
import { postModern } from '../support/mcp-post.ts';

const { provider, closers } = await openFileProvider();

function config(telemetry: NexusConfig['telemetry'], more: Partial<NexusConfig> = {}): NexusConfig {
  return { ...bothVendors(provider.url), telemetry, ...more };
}

async function serve(given: NexusConfig, options: NexusOptions = {}): Promise<ListeningServer & { nexus: Served }> {
  const nexus = createNexus(given, options);
  const server = await listen(nexus, { port: 0 });
  closers.push(() => server.close({ drain: 0 }));
  return { ...server, url: server.url, nexus };
}
type Served = ReturnType<typeof createNexus>;

const chat = (url: string, model: string, more: object = {}) =>
  fetch(`${url}/llm/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }], ...more }),
  }).then((response) => response.text().then((text) => ({ status: response.status, text })));

async function scrape(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/metrics`, { headers });
  const text = await response.text();
  /** The sum over all series of a metric whose labels hold these. */
  const total = (name: string, labels: Record<string, string> = {}): number =>
    text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter((line) => Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  return { status: response.status, type: response.headers.get('content-type'), text, total };
}

describe('/metrics', () => {
  it('counts what went through, of every kind', async () => {
    const routes = { fast: { targets: ['openai/gpt-5-mini'] } };
    const { url } = await serve(config({ prometheus: { enabled: true } }, { llm: { ...llmOf(), routes }, mcp: {} }), {
      tools: { add: { description: 'Adds', run: () => 3 } },
    });
    await chat(url, 'openai/gpt-5');
    await chat(url, 'fast', { stream: true });
    await chat(url, 'openai/invented');
    await chat(url, 'nobody/gpt-5');
    provider.reply({ error: { status: 500, message: 'no' } });
    await chat(url, 'anthropic/claude-haiku-4-5');
    const executed = { name: 'execute', arguments: { name: 'local__add', arguments: {} } };
    await postModern(`${url}/mcp`, 'tools/call', executed);
    await fetch(`${url}/health`);
    await fetch(`${url}/metrics`);

    const { status, type, text, total } = await scrape(url);
    expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    const requests = 'nexus_requests_total';
    expect(total(requests, { status: '200', provider: 'openai', model: 'gpt-5' })).toBe(1);
    expect(total(requests, { route: 'fast', provider: 'openai', model: 'gpt-5-mini' })).toBe(1);
    expect(total(requests, { provider: 'openai', model: 'other' })).toBe(1);
    expect(total(requests, { status: '404' })).toBe(1);
    expect(total(requests, { status: '500', provider: 'anthropic' })).toBe(1);
    expect(total(requests, { endpoint: 'mcp', status: '200' })).toBe(1);
    expect(total(requests)).toBe(6);
    expect(total('nexus_request_duration_seconds_count')).toBe(6);
    expect(total('nexus_time_to_first_token_seconds_count')).toBe(1);
    expect(total('nexus_overhead_seconds_count')).toBe(3);
    expect(total('nexus_overhead_seconds_sum')).toBeGreaterThan(0);
    expect(total('nexus_tokens_total', { kind: 'input' })).toBeGreaterThan(0);
    expect(total('nexus_errors_total', { provider: 'anthropic', code: 'upstream_failed' })).toBe(1);
    expect(total('nexus_router_attempts_total', { outcome: 'answered' })).toBe(3);
    expect(total('nexus_router_attempts_total', { class: 'server', outcome: 'failed' })).toBe(1);
    expect(total('nexus_mcp_tool_calls_total', { server: 'local', tool: 'add', outcome: 'success' })).toBe(1);
    expect(total('nexus_mcp_server_up', { server: 'local' })).toBe(1);
    expect(text).toContain('nexus_target_state{provider="openai",model="gpt-5-mini"} 0\n');
    expect(text).not.toContain('invented');
    expect(total('process_start_time_seconds')).toBeGreaterThan(Date.now() / 1000 - 86_400);
  });

  it('counts refusals of limits by scope', async () => {
    const rateLimits = { enabled: true, global: { limit: 3, interval: '1h' }, perIp: { limit: 2, interval: '1h' } };
    const { url } = await serve(config({ prometheus: { enabled: true } }, { server: { rateLimits } }));
    for (let i = 0; i < 5; i++) await chat(url, 'openai/gpt-5');
    const { total } = await scrape(url);
    expect(total('nexus_limits_refused_total', { scope: 'ip' })).toBe(1);
    expect(total('nexus_limits_refused_total', { scope: 'global' })).toBe(2);
    expect(total('nexus_limits_store_up')).toBe(1);
    expect(total('nexus_errors_total', { code: 'rate_limited' })).toBe(3);
  });

  it('goes on counting after a reload, and answers at another path', async () => {
    const { url, nexus } = await serve(config({ prometheus: { enabled: true } }, { llm: llmOf() }));
    await chat(url, 'openai/gpt-5');
    await nexus.reload(config({ prometheus: { enabled: true, path: '/watch/metrics' } }, { llm: llmOf() }));
    await chat(url, 'openai/gpt-5');
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
    const text = await (await fetch(`${url}/watch/metrics`)).text();
    expect(text).toMatch(/^nexus_requests_total\{.*model="gpt-5",status="200"\} 2$/m);
    expect(text).toContain('nexus_config_generation 2\n');
  });

  it('is not there unless it is switched on', async () => {
    for (const telemetry of [undefined, {}, { logs: {} }, { prometheus: { token: 'x' } }]) {
      const nexus = createNexus(config(telemetry), { logger: SILENT });
      expect(nexus.owns('/metrics')).toBe(false);
      await nexus.close();
    }
  });
});

describe('who may read it', () => {
  it('is whoever has the token, and nobody else', async () => {
    const { url } = await serve(config({ prometheus: { enabled: true, token: 'scrape-me' } }));
    expect((await scrape(url)).status).toBe(401);
    expect((await scrape(url, { authorization: 'Bearer wrong' })).status).toBe(401);
    const refused = await fetch(`${url}/metrics`);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    expect(refused.headers.get('x-nexus-error')).toBe('key_missing');
    expect((await scrape(url, { authorization: 'Bearer scrape-me' })).status).toBe(200);
  });

  it('without a token is this machine, and not through a proxy on it', async () => {
    const { url, nexus } = await serve(config({ prometheus: { enabled: true } }));
    expect((await scrape(url)).status).toBe(200);
    expect((await scrape(url, { 'x-forwarded-for': '203.0.113.9' })).status).toBe(401);
    const from = (remoteAddress?: string) =>
      nexus.fetch('http://nexus/metrics', { host: remoteAddress === undefined ? {} : { remoteAddress } });
    expect((await from('203.0.113.9')).status).toBe(401);
    expect((await from()).status).toBe(401);
    await nexus.reload(config({ prometheus: { enabled: true, public: true } }));
    expect((await from('203.0.113.9')).status).toBe(200);
  });

  it('where OAuth is configured is who has a good token, or the endpoint’s own', async () => {
    const issuer = await openAuthorizationServer();
    closers.push(() => issuer.close());
    const oauth = {
      url: issuer.keySetUrl,
      protectedResource: { resource: RESOURCE, authorizationServers: [issuer.issuer] },
    };
    const { url, nexus } = await serve(config({ prometheus: { enabled: true } }, { server: { oauth } }), {
      logger: SILENT,
    });
    expect((await scrape(url)).status).toBe(401);
    expect((await scrape(url, { authorization: `Bearer ${await issuer.token('ann', RESOURCE)}` })).status).toBe(200);
    await nexus.reload(config({ prometheus: { enabled: true, token: 'own' } }, { server: { oauth } }));
    expect((await scrape(url, { authorization: `Bearer ${await issuer.token('ann', RESOURCE)}` })).status).toBe(401);
    expect((await scrape(url, { authorization: 'Bearer own' })).status).toBe(200);
  });

  it('is not limited like a caller', async () => {
    const rateLimits = { enabled: true, global: { limit: 1, interval: '1h' } };
    const { url } = await serve(config({ prometheus: { enabled: true } }, { server: { rateLimits } }));
    for (let i = 0; i < 3; i++) expect((await scrape(url)).status).toBe(200);
    expect((await chat(url, 'openai/gpt-5')).status).toBe(200);
    expect((await chat(url, 'openai/gpt-5')).status).toBe(429);
  });
});

describe('the configuration', () => {
  it.each<[NexusConfig['telemetry'], string]>([
    [{ prometheus: { enabled: true, path: '/health' } }, '"/health" is a path of the health endpoint'],
    [{ prometheus: { enabled: true, path: '/health/ready' } }, '"/health/ready" is a path of the health endpoint'],
    [
      { prometheus: { enabled: true }, status: { enabled: true, path: '/metrics' } },
      'is a path of the metrics endpoint',
    ],
    [{ prometheus: { enabled: true, path: '/llm/v1/models' } }, 'is already a path of llm.protocols.openai'],
    [{ prometheus: { enabled: true, path: 'a b' } }, 'must be a path'],
    [{ prometheus: { enabld: true } } as never, 'did you mean "enabled"?'],
    [{ promtheus: {} } as never, 'did you mean "prometheus"?'],
    [{ logs: { level: 'warning' } } as never, 'telemetry.logs.level'],
  ])('%j: %s', (telemetry, message) => {
    expect(() => createNexus(config(telemetry), { logger: SILENT })).toThrow(message);
  });

  it('warns of what has no effect', async () => {
    const warnings: string[] = [];
    const logger = { ...SILENT, warn: (message: string) => warnings.push(message) };
    const prometheus = { token: 'x' };
    const status = { enabled: true, token: 'x', public: true };
    await createNexus(config({ prometheus, status }), { logger }).close();
    expect(warnings).toEqual([
      'telemetry.prometheus.token: has no effect, as the endpoint is not enabled',
      'telemetry.status.public: has no effect beside token',
    ]);
  });
});

const RESOURCE = 'http://127.0.0.1/';
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function llmOf() {
  const { llm } = bothVendors(provider.url);
  const { openai, ...others } = llm?.providers ?? {};
  return { ...llm, providers: { openai: { ...openai, type: 'openai', models: { 'gpt-5': {} } }, ...others } };
}
