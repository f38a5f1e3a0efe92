// `nexus init`: what it writes is valid, names its schema, holds no key, and starts.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { parseToml } from 'nexus-ai/config';
import { afterAll, describe, expect, it } from 'vitest';
import { type InitInvocation, parseArguments } from '../../src/cli/arguments.ts';
import { runInit } from '../../src/cli/init.ts';
import { runServe } from '../../src/cli/serve.ts';
import { VENDORS } from '../../src/cli/vendors.ts';
import { readConfig } from '../../src/core/config/load.ts';
import { PROVIDER_KINDS } from '../../src/core/config/schema/kinds.ts';
import { Folder, Person, TestConsole } from '../support/test-console.ts';

const folder = new Folder();
afterAll(() => folder.remove());

const ajv = new Ajv({ allowUnionTypes: true });
ajv.addKeyword('x-taplo');
const fitsSchema = ajv.compile(
  JSON.parse(readFileSync(new URL('../../schema/nexus.schema.json', import.meta.url), 'utf8')),
);

let files = 0;
function invocation(...args: readonly string[]): InitInvocation {
  const read = parseArguments(['init', '-c', join(folder.path, `init-${files++}.toml`), ...args], {});
  if (read.command !== 'init') throw new Error(JSON.stringify(read));
  return read;
}

async function init(args: readonly string[] = [], env: Record<string, string> = {}) {
  const console = new TestConsole(env);
  const asked = invocation(...args);
  const status = await runInit(asked, console);
  const text = status === 0 ? readFileSync(asked.config, 'utf8') : '';
  return { asked, console, status, text, env };
}

/** The configuration as `check` reads it, which must also please an editor. */
function understood({ asked, env, text }: Awaited<ReturnType<typeof init>>) {
  expect(fitsSchema(parseToml(text)), JSON.stringify(fitsSchema.errors)).toBe(true);
  return readConfig(asked.config, { env });
}

describe('without questions', () => {
  it('writes something that answers where there is no key', async () => {
    const done = await init();
    const { config } = done.asked;
    expect(done.console.out.split('\n').map((line) => line.replaceAll(/ {3,}/g, ' | '))).toEqual([
      `Wrote ${config}`,
      'Not set yet: OPENAI_API_KEY, ANTHROPIC_API_KEY; until then the demo answers',
      '',
      `  nexus models -c ${config} | what can be asked`,
      `  nexus chat openai/gpt-5-mini "Hello" -c ${config}  ask it`,
      `  nexus serve -c ${config} | serve it`,
      '',
    ]);
    expect(done.text.split('\n')[0]).toBe('#:schema ./node_modules/nexus-ai/schema/nexus.schema.json');
    const { parsed, warnings } = understood(done);
    expect(warnings).toEqual([]);
    expect(Object.keys(parsed.llm.providers)).toEqual(['openai', 'anthropic']);
    expect(parsed.demo?.enabled).toBe(true);

    const serving = new TestConsole();
    const status = runServe(done.asked.config, { text: '127.0.0.1:0', from: 'test' }, serving);
    const url = await serving.ready;
    expect((await fetch(`${url}/llm/v1/models`)).status).toBe(200);
    serving.stop();
    expect(await status).toBe(0);
  });

  it('takes the vendors whose keys are in the environment, and writes no key', async () => {
    const env = { GROQ_API_KEY: 'gsk-very-secret', GOOGLE_API_KEY: 'AIza-very-secret', OPENAI_API_KEY: ' ' };
    const done = await init([], env);
    expect(done.text + done.console.out + done.console.err).not.toContain('very-secret');
    const { parsed } = understood(done);
    expect(Object.keys(parsed.llm.providers)).toEqual(['google', 'groq']);
    expect(parsed.llm.providers['google']?.apiKey?.reveal()).toBe('AIza-very-secret');
    expect(parsed.demo).toBeUndefined();
    expect(done.console.out).not.toContain('Not set');
  });

  it.each(PROVIDER_KINDS)('knows what %s needs', async (kind) => {
    const { parsed, warnings } = understood(await init(['--provider', kind]));
    expect(warnings).toEqual([]);
    expect(parsed.llm.providers[kind]?.type).toBe(kind);
  });

  it('offers vendors that there are', () => {
    expect([...VENDORS.keys()].sort()).toEqual([...PROVIDER_KINDS].sort());
  });

  it('does all that options ask for', async () => {
    const done = await init([
      '--provider=openai,mistral',
      '--demo',
      '--limits=redis',
      '--oauth=https://login.example.com/',
      '--mcp=files=npx -y "@modelcontextprotocol/server-filesystem" \'/srv/my docs\'',
      '--mcp=tickets.eu=https://tickets.example.com/mcp',
    ]);
    const { parsed } = understood(done);
    expect(parsed.server.rateLimits).toMatchObject({ enabled: true, storage: { type: 'redis' } });
    expect(parsed.server.oauth).toMatchObject({
      keySetUrl: 'https://login.example.com/.well-known/jwks.json',
      issuer: 'https://login.example.com/',
    });
    expect(parsed.demo?.enabled).toBe(true);
    expect(parsed.mcp.servers['files']).toMatchObject({
      command: 'npx',
      args: ['-y', '@modelcontextprotocol/server-filesystem', '/srv/my docs'],
    });
    expect(parsed.mcp.servers['tickets.eu']).toMatchObject({ url: 'https://tickets.example.com/mcp' });
  });

  it('counts in memory where that is said', async () => {
    const { parsed } = understood(await init(['--limits', 'memory']));
    expect(parsed.server.rateLimits).toMatchObject({ enabled: true, storage: { type: 'memory' } });
  });

  it('finds the schema of an installation above the file', async () => {
    const installed = join(folder.path, 'project', 'node_modules', 'nexus-ai', 'schema');
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, 'nexus.schema.json'), '{}');
    const config = join(folder.path, 'project', 'config', 'deep', 'nexus.toml');
    expect(await runInit({ ...invocation(), config }, new TestConsole())).toBe(0);
    expect(readFileSync(config, 'utf8').split('\n')[0]).toBe(
      '#:schema ../../node_modules/nexus-ai/schema/nexus.schema.json',
    );
  });

  it('replaces a file only when told to', async () => {
    const { asked, text } = await init();
    writeFileSync(asked.config, '# mine\n');
    const console = new TestConsole();
    expect(await runInit(asked, console)).toBe(1);
    expect(console.err).toBe(`${asked.config} exists; --force replaces it\n`);
    expect(readFileSync(asked.config, 'utf8')).toBe('# mine\n');
    expect(await runInit({ ...asked, force: true }, console)).toBe(0);
    expect(readFileSync(asked.config, 'utf8')).toBe(text);
  });

  it.each([
    [['--provider', 'opanai'], 2, "There is no vendor 'opanai' (did you mean 'openai'?)\n"],
    [['--provider', 'zzz'], 2, /^There is no vendor 'zzz' \(known are openai, .*vllm\)\n$/],
    [['--limits', 'disk'], 2, "--limits takes memory or redis, not 'disk'\n"],
    [['--mcp', 'files'], 2, "--mcp: 'files' is not name=URL or name=command\n"],
    [['--mcp', 'files='], 2, "--mcp: 'files=' is not name=URL or name=command\n"],
    [['--mcp', 'files=run "this'], 2, `--mcp: A quote is not closed in 'run "this'\n`],
    [['--mcp', 'a__b=run'], 1, /mcp\.servers\.a__b: a server name must not contain "__"/],
    [['--mcp', 'a=https://user:pass@host/'], 1, /mcp\.servers\.a\.url: must not contain a user name or password/],
    [['--oauth', 'login'], 1, /server\.oauth\.url: must be an absolute URL/],
  ])('refuses %j and writes nothing', async (args, status, message) => {
    const done = await init(args);
    expect(done.status).toBe(status);
    expect(done.console.err).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
    expect(() => readFileSync(done.asked.config)).toThrow('ENOENT');
  });

  it('says where it cannot write', async () => {
    const file = folder.file('');
    const console = new TestConsole();
    expect(await runInit({ ...invocation(), config: join(file, 'nexus.toml') }, console)).toBe(1);
    expect(console.err).toMatch(/nexus\.toml cannot be written \((ENOTDIR|EEXIST)\)\n$/);
  });
});

describe('on a terminal', () => {
  it('asks, and asks again where the answer makes no sense', async () => {
    const person = new Person();
    const env = { GROQ_API_KEY: 'k' };
    const console = new TestConsole(env, { terminal: person });
    const asked = invocation();
    const status = runInit(asked, console);
    await person.answers('Keys are in the environment for groq (GROQ_API_KEY). Use them? [Y/n] ', '');
    await person.answers('vllm: ', 'opnai');
    await person.answers('vllm: ', 'openai, xai');
    await person.answers('(empty: none): ', 'files');
    await person.answers('(empty: none): ', 'files=npx files');
    await person.answers('Another one, as name=URL or name=command (empty: none): ', '');
    await person.answers('(empty: no limits): ', 'disk');
    await person.answers('(empty: no limits): ', 'memory');
    await person.answers('(empty: none): ', 'login.example.com');
    await person.answers('(empty: none): ', 'https://login.example.com');
    expect(await status).toBe(0);
    expect(person.shown).toContain("There is no vendor 'opnai' (did you mean 'openai'?)");
    const { parsed } = readConfig(asked.config, { env });
    expect(Object.keys(parsed.llm.providers)).toEqual(['groq', 'openai', 'xai']);
    expect(parsed.demo).toBeUndefined();
    expect(parsed.mcp.servers['files']).toMatchObject({ command: 'npx', args: ['files'] });
    expect(parsed.server.rateLimits.enabled).toBe(true);
    expect(parsed.server.oauth?.issuer).toBe('https://login.example.com');
  });

  it('offers the demo to those without a key; lines that are pasted together answer in turn', async () => {
    const person = new Person();
    const console = new TestConsole({}, { terminal: person });
    const asked = invocation();
    const status = runInit(asked, console);
    await person.types('vllm: ', '\r\r\r\r\r');
    expect(await status).toBe(0);
    const { parsed } = readConfig(asked.config, { env: {} });
    expect(Object.keys(parsed.llm.providers)).toEqual(['openai', 'anthropic']);
    expect(parsed.demo?.enabled).toBe(true);
  });

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('writes nothing after %s', async (_name, key) => {
    const person = new Person();
    const asked = invocation();
    const status = runInit(asked, new TestConsole({}, { terminal: person }));
    await person.answers('vllm: ', '');
    await person.types('[Y/n] ', key);
    expect(await status).toBe(130);
    expect(() => readFileSync(asked.config)).toThrow('ENOENT');
  });

  it('asks nothing where options have said it', async () => {
    const person = new Person();
    expect(await runInit(invocation('--yes'), new TestConsole({}, { terminal: person }))).toBe(0);
    expect(await runInit(invocation('--provider', 'xai'), new TestConsole({}, { terminal: person }))).toBe(0);
    expect(person.shown).toBe('');
  });
});
