// The commands as functions: everything but the process itself, over real sockets. test/dist runs the built binary.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createFakeProvider } from 'nexus-ai/testing';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { runCheck } from '../../src/cli/check.ts';
import { runServe } from '../../src/cli/serve.ts';
import { Folder, TestConsole } from '../support/test-console.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/standalone/nexus.toml', import.meta.url));
const ANYWHERE = { text: '127.0.0.1:0', from: 'test' };
const folder = new Folder();
const file = (content: string) => folder.file(content);
afterAll(() => folder.remove());

const running: { console: TestConsole; status: Promise<number> }[] = [];
afterEach(async () => {
  for (const { console, status } of running.splice(0)) {
    console.stop();
    console.stop();
    await status;
  }
});

async function serve(path: string, env?: Record<string, string>) {
  const console = new TestConsole(env);
  const status = runServe(path, ANYWHERE, console);
  running.push({ console, status });
  const url = await Promise.race([
    console.ready,
    status.then((code) => Promise.reject(new Error(`Ended with ${code}: ${console.err}`))),
  ]);
  return { url, console, status };
}

function ask(url: string, model: string, content: string, more: object = {}, signal?: AbortSignal): Promise<Response> {
  return fetch(`${url}/llm/v1/chat/completions`, {
    method: 'POST',
    signal: signal ?? null,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content }], ...more }),
  });
}

describe('nexus check', () => {
  it('says in one line that the example is valid', () => {
    const console = new TestConsole();
    expect(runCheck(EXAMPLE, console)).toBe(0);
    expect(console.out).toBe(`${EXAMPLE} is valid: 2 providers, 5 models listed\n`);
    expect(console.err).toBe('');
  });

  it('puts every problem on its own line of stderr', () => {
    const path = file('[llm]\ntimeout = "soon"\n[llm.providers.a]\ntype = "x"\napi_key = "{{ env.GONE }}"\n[vault]\n');
    const console = new TestConsole();
    expect(runCheck(path, console)).toBe(1);
    expect(console.out).toBe('');
    expect(console.err.split('\n').sort()).toEqual([
      '',
      `${path}: llm.providers.a.api_key: environment variable GONE is not set`,
      expect.stringMatching(/llm\.providers\.a\.type: must be one of "openai", "anthropic", .*, found "x"$/),
      `${path}: llm.timeout: must be a duration such as "30s" or "1h30m", found "soon"`,
      expect.stringMatching(/: vault: unknown key; known here: server, llm, .*demo/),
    ]);
  });

  it('counts routes and MCP servers where there are some', () => {
    const path = file(
      '[llm.providers.a]\ntype = "openai"\n[llm.routes.r]\ntargets = ["a/b"]\n[mcp.servers.s]\ncmd = ["x"]\n',
    );
    const console = new TestConsole();
    expect(runCheck(path, console)).toBe(0);
    expect(console.out).toBe(`${path} is valid: 1 provider, 0 models listed, 1 route, 1 MCP server\n`);
  });

  it('speaks JSON to programs', () => {
    const good = new TestConsole();
    expect(runCheck(EXAMPLE, good, true)).toBe(0);
    expect(JSON.parse(good.out)).toEqual({
      file: EXAMPLE,
      valid: true,
      problems: [],
      warnings: [],
      providers: 2,
      models: 5,
      routes: 0,
      mcpServers: 0,
    });
    const path = file('[llm]\ntimeot = "1s"\n');
    const bad = new TestConsole();
    expect(runCheck(path, bad, true)).toBe(1);
    expect(bad.err).toBe('');
    expect(JSON.parse(bad.out)).toEqual({
      file: path,
      valid: false,
      problems: [{ path: 'llm.timeot', message: 'unknown key', suggestion: 'timeout' }],
      warnings: [],
    });
  });

  it('asks nobody, also where discovery is required', async () => {
    const fake = await createFakeProvider();
    try {
      const path = file(
        `[llm.discovery]\nrequired = true\n[llm.providers.a]\ntype = "openai"\nbase_url = "${fake.url}/v1"\napi_key = "k"\n`,
      );
      expect(runCheck(path, new TestConsole())).toBe(0);
    } finally {
      await fake.close();
    }
    expect(fake.bill.connections).toBe(0);
  });

  it('prints warnings and still succeeds', () => {
    const path = file('[llm]\npath = "/llm"\n[llm.providers.a]\ntype = "openai"\n');
    const console = new TestConsole();
    expect(runCheck(path, console)).toBe(0);
    expect(console.err).toBe(`${path}: warning: llm.path: is deprecated; use llm.protocols.openai.path\n`);
  });

  it.each([
    ['no file', join(folder.path, 'none.toml'), "file not found; 'nexus init' writes one"],
    ['broken TOML', file('a = ['), 'line 1, column'],
    ['an empty file', file(''), 'nothing is configured'],
  ])('refuses %s', (_name, path, words) => {
    const console = new TestConsole();
    expect(runCheck(path, console)).toBe(1);
    expect(console.err).toMatch(/^[^\n]+\n$/);
    expect(console.err).toContain(words);
  });
});

describe('nexus serve', () => {
  it('serves the example without any key', async () => {
    const { url, console } = await serve(EXAMPLE);
    expect(console.out).toContain('  openai     demo    gpt-5, gpt-5-mini, and any other');
    expect(console.err).toBe('');
    expect((await fetch(`${url}/health`)).status).toBe(200);

    for (const model of ['openai/gpt-5', 'anthropic/quick']) {
      const answer = await ask(url, model, 'Hello there');
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({
        choices: [{ message: { content: expect.stringMatching(/^Hello!/) } }],
      });
    }
  });

  it('streams a poem and calls a tool', async () => {
    const { url } = await serve(EXAMPLE);
    const stream = await (await ask(url, 'openai/gpt-5', 'A haiku, please', { stream: true })).text();
    expect(stream.split('data: ').length).toBeGreaterThan(10);
    expect(stream.trimEnd().endsWith('data: [DONE]')).toBe(true);

    const tools = [{ type: 'function', function: { name: 'get_weather', parameters: { type: 'object' } } }];
    const call = await ask(url, 'anthropic/claude-haiku-4-5', 'How is the weather?', { tools });
    expect(await call.json()).toMatchObject({
      choices: [{ finish_reason: 'tool_calls', message: { tool_calls: [{ function: { name: 'get_weather' } }] } }],
    });
  });

  it('sends the key of a provider that has one to that provider', async () => {
    const seen: unknown[] = [];
    const upstream = createServer((request, response) => {
      seen.push(request.url, request.headers.authorization);
      response.writeHead(418, { 'content-type': 'application/json' }).end('{"error":{"message":"teapot"}}');
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = upstream.address() as AddressInfo;
      const path = file(
        `[demo]\n[llm.discovery]\nenabled = false\n[llm.providers.a]\ntype = "openai"\nbase_url = "http://127.0.0.1:${port}/v1/"\napi_key = "{{ env.KEY }}"\n`,
      );
      const { url, console } = await serve(path, { KEY: 'sk-real' });
      await (await ask(url, 'a/any', 'Hello')).text();
      expect(seen).toEqual(['/v1/chat/completions', 'Bearer sk-real']);
      expect(console.out + console.err).not.toContain('sk-real');
    } finally {
      upstream.closeAllConnections();
      upstream.close();
    }
  });

  it('does not start where discovery is required and fails, and starts where it does not', async () => {
    const fake = await createFakeProvider();
    const path = file(
      `[llm.discovery]\nrequired = true\n[llm.providers.a]\ntype = "openai"\nbase_url = "${fake.url}/v1"\napi_key = "k"\n`,
    );
    try {
      fake.listModels({ error: { status: 500, message: 'no' } });
      const console = new TestConsole();
      expect(await runServe(path, ANYWHERE, console)).toBe(1);
      expect(console.out).toBe('');
      expect(console.err.trimEnd().split('\n').at(-1)).toBe(
        "Discovery of models is required, and failed for 'a': The provider answered with status 500",
      );
      await fake.waitFor(({ bill }) => bill.openConnections === 0);
      fake.listModels(['m']);
      const { url } = await serve(path);
      expect(await (await ask(url, 'm', 'Hello')).text()).toContain('Hello');
    } finally {
      await fake.close();
    }
  });

  it('refuses calls without a key where the demo is off', async () => {
    const { url, console } = await serve(file('[demo]\nenabled = false\n[llm.providers.a]\ntype = "openai"\n'));
    expect(console.out).toContain('  a  no key');
    const answer = await ask(url, 'a/any', 'Hello');
    expect(answer.status).toBe(401);
    await answer.text();
  });

  it('stops when asked, and is gone then', async () => {
    const { url, console, status } = await serve(EXAMPLE);
    await (await fetch(`${url}/health`)).text();
    console.stop();
    expect(await status).toBe(0);
    expect(console.listeners.size).toBe(0);
    await expect(fetch(`${url}/health`)).rejects.toThrow();
  });

  it('lets a stream finish before it stops', async () => {
    const { url, console, status } = await serve(EXAMPLE);
    const answer = await ask(url, 'openai/gpt-5', 'A haiku', { stream: true });
    console.stop();
    expect((await answer.text()).trimEnd().endsWith('data: [DONE]')).toBe(true);
    expect(await status).toBe(0);
  });

  it('does not make the second signal wait', async () => {
    const path = file(
      '[llm.providers.a]\ntype = "openai"\n[demo]\n[[demo.rules]]\nreply = { text = "never", fault = "hang" }\n',
    );
    const { url, console, status } = await serve(path);
    const client = new AbortController();
    const pending = ask(url, 'a/any', 'Hello', {}, client.signal).catch(() => 'gone');
    await (await fetch(`${url}/health`)).text();
    console.stop();
    console.stop();
    expect(await status).toBe(130);
    client.abort();
    expect(await pending).toBe('gone');
  });

  it('says when the port is in use', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = taken.address() as AddressInfo;
      const console = new TestConsole();
      expect(await runServe(EXAMPLE, { text: `127.0.0.1:${port}`, from: '-l' }, console)).toBe(1);
      expect(console.err).toBe(
        `Cannot listen on 127.0.0.1:${port}: the port is in use; choose another with -l HOST:PORT\n`,
      );
      expect(console.out).toBe('');
    } finally {
      taken.close();
    }
  });

  it.each(['8000', 'host', ':8000', '127.0.0.1:99999', '[::1:80', 'http://127.0.0.1:80', ''])(
    'refuses to listen on %j',
    async (text) => {
      const console = new TestConsole();
      expect(await runServe(EXAMPLE, { text, from: 'NEXUS_LISTEN_ADDRESS' }, console)).toBe(1);
      expect(console.err).toBe('NEXUS_LISTEN_ADDRESS: must be an address and a port such as 127.0.0.1:8000\n');
    },
  );

  it('reports a broken configuration as check does', async () => {
    const path = file('[llm]\nproviderz = 1\n[serber]\n');
    const serving = new TestConsole();
    const checking = new TestConsole();
    expect(await runServe(path, ANYWHERE, serving)).toBe(1);
    expect(runCheck(path, checking)).toBe(1);
    expect(serving.err).toBe(checking.err);
    expect(serving.err.trimEnd().split('\n')).toHaveLength(2);
  });
});

describe('listeners', () => {
  const tls = (name: string) => fileURLToPath(new URL(`../fixtures/mcp/tls/${name}`, import.meta.url));
  const provider = '[llm]\ndiscovery.enabled = false\n[llm.providers.a]\ntype = "openai"\napi_key = "k"\n';

  it('speak HTTPS, and have one for health, where the file says so', async () => {
    const { url, console } = await serve(
      file(`[server]
tls = { certificate = "${tls('server.pem')}", key = "${tls('server-key.pem')}" }
health.listen = "127.0.0.1:0"
${provider}`),
    );
    expect(url).toMatch(/^https:/);
    expect(console.out).toMatch(/GET +https:\/\/127\.0\.0\.1:\d+\/health\n/);
  });

  it.each([
    ['is not there', 'nothing.pem', /^server\.tls\.certificate: the file ".*nothing\.pem" cannot be read\n$/],
    ['is none', 'server-key.pem', /^server\.tls: the certificate or the key cannot be used \(ERR_\w+\)\n$/],
  ])('say so where the certificate %s', async (_, name, message) => {
    const path = file(`[server.tls]\ncertificate = "${tls(name)}"\nkey = "${tls('server-key.pem')}"\n${provider}`);
    const console = new TestConsole();
    expect(await runServe(path, ANYWHERE, console)).toBe(1);
    expect(console.err).toMatch(message);
  });
});
