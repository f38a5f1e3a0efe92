// Slow: each version of Next builds the application once, with the package as it stands in dist/.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postModern } from '../support/mcp-post.ts';
import type { Host } from './host.ts';
import { describeHost, printTable } from './host-suite.ts';
import { type BuiltApp, buildNextApp, type RunningApp } from './next-host.ts';

const BUILD_TIMEOUT = 300_000;

describe.each([
  ['Next 15', 'next15'],
  ['Next 16', 'next'],
] as const)('%s', (name, installed) => {
  let built: BuiltApp;
  beforeAll(async () => {
    built = await buildNextApp(installed);
  }, BUILD_TIMEOUT);
  afterAll(() => built?.remove());

  const host: Host = {
    name,
    mounts: ['prefix'],
    compresses: true,
    async open(_mount, upstream) {
      const app: RunningApp = await built.start(upstream);
      const url = `${app.url}/docs`;
      return { url, base: `${url}/api/ai`, log: app.output, close: () => app.stop() };
    },
  };
  describeHost(host);

  it('has one instance for all its bundles', async () => {
    const app = await built.start('http://127.0.0.1:1');
    const throughRoute = () =>
      postModern(`${app.url}/docs/api/ai/mcp`, 'tools/call', {
        name: 'execute',
        arguments: { name: 'local__count', arguments: {} },
      });
    expect((await throughRoute()).text).toContain('"text":"1"');
    expect(await (await fetch(`${app.url}/docs/count`)).json()).toMatchObject({ content: [{ text: '2' }] });
    expect((await throughRoute()).text).toContain('"text":"3"');
    const elsewhere = await fetch(`${app.url}/docs/api/ai/elsewhere`);
    expect([elsewhere.status, elsewhere.headers.get('x-nexus-error')]).toEqual([404, 'no_route']);
    await app.stop();
  });

  it('serves a client that leaves without a word in its log', async () => {
    const app = await built.start('http://127.0.0.1:1');
    const leave = new AbortController();
    const body = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('{')) });
    const init = { method: 'POST', body, duplex: 'half', signal: leave.signal } as RequestInit;
    const asked = fetch(`${app.url}/docs/api/ai/llm/v1/chat/completions`, init);
    await fetch(`${app.url}/docs/api/ai/health`);
    leave.abort();
    await expect(asked).rejects.toThrow();
    await fetch(`${app.url}/docs/api/ai/health`);
    expect(app.output.filter((line) => /error|⨯/i.test(line))).toEqual([]);
    await app.stop();
  });
});
printTable();
