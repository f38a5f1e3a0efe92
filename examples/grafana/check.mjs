// Every metric the dashboard asks for is one that Nexus writes; what the queries return, the tests ask a real Prometheus.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createNexus } from 'nexus-ai';

const dashboard = readFileSync(new URL('nexus-dashboard.json', import.meta.url), 'utf8');
const asked = new Set(JSON.stringify(JSON.parse(dashboard)).match(/\b(?:nexus|process|nodejs)_[a-z0-9_]+/g));
assert.ok(asked.size > 10, 'the dashboard asks for metrics');

const instance = createNexus({
  llm: { providers: { openai: { type: 'openai', apiKey: 'unused' } } },
  server: { rateLimits: { enabled: true, global: { limit: 100, interval: '1m' } } },
  telemetry: { prometheus: { enabled: true, public: true } },
});
const scraped = await instance.fetch('http://nexus/metrics');
assert.equal(scraped.status, 200);
const text = await scraped.text();
await instance.close();

const families = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
for (const name of asked) {
  assert.ok(families.has(name) || families.has(name.replace(/_(?:bucket|sum|count)$/, '')), `Nexus writes ${name}`);
}
