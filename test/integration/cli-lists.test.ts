// `nexus models` and `nexus tools`: what there is, from providers and servers over real sockets.
import { createFakeMcpServer, createFakeProvider } from 'nexus-ai/testing';
import { afterAll, describe, expect, it } from 'vitest';
import type { ToolsInvocation } from '../../src/cli/arguments.ts';
import { runModels } from '../../src/cli/models.ts';
import { runTools } from '../../src/cli/tools.ts';
import { Folder, TestConsole } from '../support/test-console.ts';

const folder = new Folder();
afterAll(() => folder.remove());

describe('nexus models', () => {
  const config = (url: string) =>
    folder.file(`
[llm.providers.one]
type = "openai"
base_url = "${url}/v1"
api_key = "k"
[llm.providers.one.models.mine]
upstream = "gpt-priced"
context_window = 128000
price = { input = 1.25, output = 10 }
[llm.providers.shut]
type = "anthropic"
models = { quick = {} }
[llm.routes.smart]
strategy = "weighted"
targets = ["one/mine", { model = "shut/quick", weight = 2 }]
fallback = ["route:other"]
[llm.routes.other]
targets = ["one/mine"]
`);

  it('lists routes and models with what is known of them', async () => {
    await using fake = await createFakeProvider({ models: ['gpt-listed', 'org/listed'] });
    const console = new TestConsole();
    expect(await runModels(config(fake.url), false, console)).toBe(0);
    expect(console.out.split('\n')).toEqual([
      'Routes',
      '  smart  weighted  one/mine, shut/quick, route:other',
      '  other  fallback  one/mine',
      '',
      'Models            provider  reads  $/M in  $/M out',
      '  gpt-listed      one       -      -       -',
      '  one/mine        one       128K   1.25    10',
      '  one/org/listed  one       -      -       -',
      '  shut/quick      shut      -      -       -',
      '',
    ]);
    expect(console.err).toBe('');
  });

  it('speaks JSON to programs', async () => {
    await using fake = await createFakeProvider({ models: ['gpt-listed'] });
    const console = new TestConsole();
    expect(await runModels(config(fake.url), true, console)).toBe(0);
    const overview = JSON.parse(console.out);
    expect(overview.routes[0]).toEqual({
      name: 'smart',
      strategy: 'weighted',
      targets: ['one/mine', 'shut/quick', 'route:other'],
    });
    expect(overview.models).toEqual([
      { id: 'gpt-listed', provider: 'one', model: 'gpt-listed', source: 'discovered' },
      {
        id: 'one/mine',
        provider: 'one',
        model: 'gpt-priced',
        source: 'configured',
        contextWindow: 128000,
        price: { input: '1.25', output: '10' },
      },
      { id: 'shut/quick', provider: 'shut', model: 'quick', source: 'configured' },
    ]);
    expect(overview.failures).toEqual([]);
  });

  it('says which provider could not be asked, and lists the rest', async () => {
    await using fake = await createFakeProvider();
    fake.listModels({ error: { status: 500, message: 'no' } });
    const console = new TestConsole();
    const file = config(fake.url);
    expect(await runModels(file, false, console)).toBe(1);
    expect(console.out).toContain('one/mine');
    expect(console.err).toBe('one: could not be asked for its models: The provider answered with status 500\n');
    const json = new TestConsole();
    expect(await runModels(file, true, json)).toBe(1);
    expect(JSON.parse(json.out).failures).toEqual([
      { provider: 'one', message: 'The provider answered with status 500' },
    ]);
    expect(json.err).toBe('');
  });

  it('asks for no longer than the configuration allows', async () => {
    await using fake = await createFakeProvider();
    fake.listModels({ fault: 'hang' });
    const file = folder.file(
      `[llm.discovery]\ntimeout = "150ms"\n[llm.providers.one]\ntype = "openai"\nbase_url = "${fake.url}/v1"\napi_key = "k"\n`,
    );
    const console = new TestConsole();
    expect(await runModels(file, false, console)).toBe(1);
    expect(console.err).toMatch(
      /^one: could not be asked .*\nNo model is known; any model of a provider can be called as provider\/model\n$/,
    );
  });

  it('stops waiting when asked to', async () => {
    await using fake = await createFakeProvider();
    fake.listModels({ fault: 'hang' });
    const console = new TestConsole();
    const status = runModels(config(fake.url), false, console);
    await fake.waitFor(({ bill }) => bill.openConnections > 0);
    console.stop();
    expect(await status).toBe(130);
    expect([console.out, console.listeners.size]).toEqual(['', 0]);
    await fake.waitFor(({ bill }) => bill.openConnections === 0);
  });

  it('reports a broken configuration as check does', async () => {
    const file = folder.file('[llm]\ntimeout = "soon"\n');
    const console = new TestConsole();
    expect(await runModels(file, true, console)).toBe(1);
    expect(console.out).toBe('');
    expect(console.err).toContain(`${file}: llm.timeout: must be a duration`);
  });
});

describe('nexus tools', () => {
  const asked = (config: string, more: Partial<ToolsInvocation> = {}): ToolsInvocation => ({
    command: 'tools',
    config,
    query: undefined,
    group: undefined,
    json: false,
    ...more,
  });
  const FILES = {
    read_file: { description: 'Reads a file of text.\nMore about it.' },
    delete_file: { description: `Deletes a file. ${'Be careful. '.repeat(12)}` },
  };
  const config = (url: string, more = '') => folder.file(`[mcp.servers.files]\nurl = "${url}"\n${more}`);
  const down = '[mcp.servers.gone]\nurl = "http://127.0.0.1:9/mcp"\nstart_timeout = "2s"\n';

  it('lists the tools of each server, a line each', async () => {
    await using server = await createFakeMcpServer({ tools: FILES });
    const console = new TestConsole();
    expect(await runTools(asked(config(server.url)), console)).toBe(0);
    const lines = console.out.split('\n');
    expect(lines[0]).toBe('files  ready, 2 tools');
    expect(lines[1]).toMatch(/^ {2}files__delete_file {2}Deletes a file\. Be careful.*…$/);
    expect(lines[2]).toBe('  files__read_file    Reads a file of text.');
    expect(console.err).toBe('');
  });

  it('says which server is not there, and why, and lists the others', async () => {
    await using server = await createFakeMcpServer({ tools: FILES });
    const console = new TestConsole();
    expect(await runTools(asked(config(server.url, down)), console)).toBe(1);
    expect(console.out).toContain('files__read_file');
    expect(console.out).toContain('gone  down, 0 tools\n');
    expect(console.err).toMatch(/^gone: is down: .+\n$/);
  });

  it('speaks JSON to programs', async () => {
    await using server = await createFakeMcpServer({ tools: FILES });
    const console = new TestConsole();
    expect(await runTools(asked(config(server.url, down), { json: true }), console)).toBe(1);
    const { servers } = JSON.parse(console.out);
    expect(servers).toMatchObject([
      { name: 'files', state: 'ready', tools: [{ name: 'files__delete_file' }, { name: 'files__read_file' }] },
      { name: 'gone', state: 'down', problem: expect.any(String), tools: [] },
    ]);
    expect(console.err).toBe('');
  });

  it('searches', async () => {
    await using server = await createFakeMcpServer({ tools: FILES });
    const file = config(server.url);
    const console = new TestConsole();
    expect(await runTools(asked(file, { query: 'read file' }), console)).toBe(0);
    expect(console.out.split('\n')[0]).toContain('files__read_file');
    const none = new TestConsole();
    expect(await runTools(asked(file, { query: 'zzqqxx' }), none)).toBe(0);
    expect([none.out, none.err]).toEqual(['', 'No tool fits "zzqqxx"\n']);
    const json = new TestConsole();
    expect(await runTools(asked(file, { query: 'read file', json: true }), json)).toBe(0);
    expect(JSON.parse(json.out).tools[0]).toMatchObject({ name: 'files__read_file', score: expect.any(Number) });
  });

  it('lists what rules hide from callers, and finds what they leave a group', async () => {
    await using server = await createFakeMcpServer({ tools: FILES });
    const file = config(
      server.url,
      `allow = ["staff"]
[server.client_identification]
enabled = true
client_id = { http_header = "x-id" }
group_id = { http_header = "x-group" }
validation = { group_values = ["staff"] }
`,
    );
    const run = async (more: Partial<ToolsInvocation>) => {
      const console = new TestConsole();
      expect(await runTools(asked(file, more), console)).toBe(0);
      return console.out;
    };
    expect(await run({})).toContain('files__read_file');
    expect(await run({ query: 'read file' })).toBe('');
    expect(await run({ query: 'read file', group: 'staff' })).toContain('files__read_file');
  });

  it('stops waiting when asked to', async () => {
    await using server = await createFakeMcpServer({ tools: FILES, rules: [{ reply: { fault: 'hang' } }] });
    const console = new TestConsole();
    const status = runTools(asked(config(server.url)), console);
    await server.waitFor(({ requests }) => requests.length > 0);
    console.stop();
    expect([await status, console.out]).toEqual([130, '']);
  });

  it('lets no server steer the terminal', async () => {
    await using server = await createFakeMcpServer({ tools: { t: { description: 'a\u001b]0;owned\u0007b' } } });
    const console = new TestConsole();
    await runTools(asked(config(server.url)), console);
    expect(console.out).toContain('a ]0;owned b');
    expect(console.out).not.toContain('\u001b');
  });

  it('says that there is none', async () => {
    const console = new TestConsole();
    expect(await runTools(asked(folder.file('[llm.providers.a]\ntype = "ollama"\n')), console)).toBe(0);
    expect([console.out, console.err]).toEqual(['', 'No MCP server is configured\n']);
  });
});
