// Files as both generations of the reference take them must load as they are. These are complete files of the parts this
// release has; what each says stands below it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type LoadedConfig, readConfig } from './load.ts';
import { parseConfig } from './parse.ts';

const folder = mkdtempSync(join(tmpdir(), 'nexus-generations-'));
afterAll(() => rmSync(folder, { recursive: true }));

const env = {
  OPENAI_API_KEY: 'sk-o',
  ANTHROPIC_API_KEY: 'sk-a',
  GEMINI_API_KEY: 'sk-g',
  TOKEN: 't-1',
  HOST: 'in.house',
};

let files = 0;
function load(toml: string): LoadedConfig {
  const path = join(folder, `${files++}.toml`);
  writeFileSync(path, toml);
  return readConfig(path, { env });
}

/** What a file comes to, as far as the two generations differ. */
function outline({ parsed: { llm } }: LoadedConfig) {
  return {
    openai: llm.protocols.openai.enabled ? llm.protocols.openai.paths : [],
    anthropic: llm.protocols.anthropic.enabled ? llm.protocols.anthropic.paths : [],
    discovery: llm.discovery.enabled,
    providers: Object.values(llm.providers).map(({ name, type, modelsOnly, models }) => ({
      name,
      type,
      modelsOnly,
      models: Object.fromEntries(Object.entries(models).map(([id, { upstream }]) => [id, upstream])),
    })),
  };
}

describe('a v0.4 file', () => {
  it('that is as small as they get', () => {
    const loaded = load(`
      [llm.providers.openai]
      type = "openai"
      api_key = "{{ env.OPENAI_API_KEY }}"

      [llm.providers.openai.models.gpt-4]
      [llm.providers.openai.models.gpt-3-5-turbo]
    `);
    expect(loaded.warnings).toEqual([]);
    expect(outline(loaded)).toEqual({
      openai: ['/llm', '/llm/openai'],
      anthropic: ['/llm', '/llm/anthropic'],
      discovery: true,
      providers: [
        {
          name: 'openai',
          type: 'openai',
          modelsOnly: false,
          models: { 'gpt-4': 'gpt-4', 'gpt-3-5-turbo': 'gpt-3-5-turbo' },
        },
      ],
    });
  });

  it('with its own path: only what is listed, nobody is asked, and what it says reversed is pointed out', () => {
    const loaded = load(`
      [server]
      listen_address = "0.0.0.0:3000"

      [server.health]
      enabled = true
      path = "/healthz"

      [llm]
      enabled = true
      path = "/llm"

      [llm.providers.openai]
      type = "openai"
      api_key = "{{ env.OPENAI_API_KEY }}"
      forward_token = true

      [llm.providers.openai.models.gpt-4]
      rename = "smart-model"  # Users will see this as "openai/smart-model"

      [llm.providers.openai.models.gpt-3-5-turbo]
      max_tokens = 4096

      [llm.providers.anthropic]
      type = "anthropic"
      api_key = "{{ env.ANTHROPIC_API_KEY }}"

      [llm.providers.anthropic.models.claude-3-opus-20240229]
      [llm.providers.anthropic.models.claude-3-5-sonnet-20241022]

      [llm.providers.google]
      type = "google"
      api_key = "{{ env.GEMINI_API_KEY }}"

      [llm.providers.google.models.gemini-pro]
      [llm.providers.google.models."gemini-1.5-flash"]

      [llm.providers.bedrock]
      type = "bedrock"
      profile = "{{ env.TOKEN }}"
      region = "us-east-1"

      [llm.providers.bedrock.models."anthropic.claude-3-5-sonnet-20241022-v2:0"]
      [llm.providers.bedrock.models.claude-instant]
      rename = "anthropic.claude-instant-v1"

      [llm.providers.ollama]
      type = "openai"
      base_url = "http://{{ env.HOST }}:11434/v1/"
      api_key = "dummy"

      [llm.providers.ollama.models.llama2]
      [llm.providers.ollama.models."library/qwen2.5:7b"]
    `);
    expect(loaded.parsed.server).toMatchObject({
      listenAddress: { host: '0.0.0.0', port: 3000 },
      health: { path: '/healthz' },
    });
    const { providers, ...rest } = outline(loaded);
    expect(rest).toEqual({ openai: ['/llm'], anthropic: ['/llm', '/llm/anthropic'], discovery: false });
    expect(providers.map(({ name }) => name)).toEqual(['openai', 'anthropic', 'google', 'bedrock', 'ollama']);
    expect(providers.every(({ modelsOnly }) => modelsOnly)).toBe(true);
    expect(providers[0]?.models).toEqual({ 'gpt-4': 'smart-model', 'gpt-3-5-turbo': 'gpt-3-5-turbo' });
    expect(providers[3]?.models['claude-instant']).toBe('anthropic.claude-instant-v1');
    expect(loaded.parsed.llm.providers['ollama']?.baseUrl).toBe('http://in.house:11434/v1');
    expect([...loaded.warnings].sort()).toEqual([
      'llm.path: is deprecated; use llm.protocols.openai.path',
      'llm.providers.openai.models.gpt-3-5-turbo.max_tokens: has no effect and can be removed',
      expect.stringMatching(/^llm\.providers\.openai\.models\.gpt-4: clients will call this model "gpt-4"/),
    ]);
  });

  it('with a bedrock account that says nothing of its region, and tools', () => {
    const loaded = load(`
      [mcp]
      enabled = true
      path = "/mcp"
      enable_structured_content = false

      [mcp.downstream_cache]
      max_size = 500
      idle_timeout = "5m"

      [mcp.servers.local_code_interpreter]
      cmd = ["deno", "run", "-A", "jsr:@nexus/code"]
      env = { DEBUG = "1", TOKEN = "{{ env.TOKEN }}" }
      stderr = "inherit"

      [mcp.servers.a_remote_server]
      url = "https://mcp.{{ env.HOST }}/mcp"
      protocol = "streamable-http"
      auth.token = "{{ env.TOKEN }}"

      [[mcp.servers.a_remote_server.headers]]
      rule = "insert"
      name = "X-Team"
      value = "a"

      [mcp.servers.forwarding]
      url = "https://other.{{ env.HOST }}/sse"
      message_url = "https://other.{{ env.HOST }}/messages"
      auth = { type = "forward" }

      [llm.providers.bedrock]
      type = "bedrock"

      [llm.providers.bedrock.models."amazon.nova-micro-v1:0"]
    `);
    expect(loaded.warnings).toEqual([]);
    expect(outline(loaded).providers).toMatchObject([{ name: 'bedrock', type: 'bedrock' }]);
    expect(Object.keys(loaded.parsed.mcp.servers)).toEqual(['local_code_interpreter', 'a_remote_server', 'forwarding']);
  });
});

describe('a HEAD file', () => {
  it('without any model', () => {
    const loaded = load(`
      [llm.providers.anthropic]
      type = "anthropic"
      api_key = "{{ env.ANTHROPIC_API_KEY }}"
    `);
    expect(loaded.warnings).toEqual([]);
    expect(outline(loaded)).toMatchObject({ discovery: true, providers: [{ modelsOnly: false, models: {} }] });
  });

  it('with protocols at paths of their own, filters and header rules', () => {
    const loaded = load(`
      [llm.protocols.openai]
      enabled = true
      path = "/llm/openai"

      [llm.protocols.anthropic]
      enabled = true
      path = "/llm/anthropic"

      [llm.providers.openai]
      type = "openai"
      api_key = "{{ env.OPENAI_API_KEY }}"
      model_filter = "^(gpt-4|gpt-5|o[0-9]).*"

      [[llm.providers.openai.headers]]
      rule = "forward"
      pattern = "^X-Trace-.*"

      [[llm.providers.openai.headers]]
      rule = "insert"
      name = "OpenAI-Organization"
      value = "{{ env.TOKEN }}"

      [[llm.providers.openai.headers]]
      rule = "rename_duplicate"
      name = "X-Request-Source"
      rename = "X-Origin"
      default = "nexus"

      [llm.providers.openai.models.fast]
      rename = "gpt-4o-mini"

      [[llm.providers.openai.models.fast.headers]]
      rule = "remove"
      name = "X-Trace-Id"

      [llm.providers.gemini]
      type = "google"
      api_key = "{{ env.GEMINI_API_KEY }}"
      model_filter = "(?i)gemini"

      [llm.providers.aws]
      type = "bedrock"
      region = "eu-central-1"
      access_key_id = "AKIA0000000000000000"
      secret_access_key = "{{ env.TOKEN }}"
      session_token = "{{ env.TOKEN }}"
      base_url = "https://vpce-1.bedrock-runtime.eu-central-1.vpce.amazonaws.com"
    `);
    expect(loaded.warnings).toEqual([]);
    expect(outline(loaded)).toMatchObject({
      openai: ['/llm/openai'],
      anthropic: ['/llm/anthropic'],
      discovery: true,
      providers: [
        { name: 'openai', models: { fast: 'gpt-4o-mini' } },
        { name: 'gemini', models: {} },
        { name: 'aws', models: {} },
      ],
    });
    expect(loaded.parsed.llm.providers['openai']?.headers).toHaveLength(3);
    expect(loaded.parsed.llm.providers['gemini']?.modelFilter?.test('GEMINI-2')).toBe(true);
  });

  it('with only Anthropic’s protocol', () => {
    const loaded = load(`
      [llm]
      enabled = true

      [llm.protocols]
      openai = { enabled = false }
      anthropic = { enabled = true, path = "/claude" }

      [llm.providers.anthropic]
      type = "anthropic"
      forward_token = true
    `);
    expect(loaded.warnings).toEqual([]);
    expect(outline(loaded)).toMatchObject({ openai: [], anthropic: ['/claude'] });
  });
});

describe('what joins the two', () => {
  const provider = { type: 'openai', apiKey: 'k' };

  it('is the same for an object, in either casing', () => {
    const snake = {
      llm: { discovery: { interval: '1m' }, providers: { p: { ...provider, models_only: true, model_filter: 'x' } } },
    };
    const camel = {
      llm: { discovery: { interval: 60 }, providers: { p: { ...provider, modelsOnly: true, modelFilter: 'x' } } },
    };
    expect(parseConfig(snake).config.llm).toEqual(parseConfig(camel).config.llm);
  });

  it.each([
    ['nothing is said', {}, {}, true],
    ['one provider is closed', {}, { a: { modelsOnly: true }, b: {} }, true],
    ['every provider is closed', {}, { a: { modelsOnly: true }, b: { modelsOnly: true } }, false],
    ['the old path closes them all', { path: '/llm' }, { a: {}, b: {} }, false],
    ['the old path closes all but one', { path: '/llm' }, { a: {}, b: { modelsOnly: false } }, true],
    ['it is switched off', { discovery: { enabled: false } }, {}, false],
    ['it is switched on', { path: '/llm', discovery: { enabled: true } }, {}, true],
  ])('is discovery, when %s', (_case, llm, providers, expected) => {
    const tables = Object.entries({ a: {}, ...providers }).map(([name, more]) => [name, { ...provider, ...more }]);
    const { config } = parseConfig({ llm: { ...llm, providers: Object.fromEntries(tables) } });
    expect(config.llm.discovery).toEqual({ enabled: expected, interval: 300_000, required: false, timeout: 10_000 });
  });

  it('warns of discovery that is required and off', () => {
    const discovery = { enabled: false, required: true };
    expect(parseConfig({ llm: { discovery, providers: { p: provider } } }).warnings).toEqual([
      'llm.discovery.required: has no effect, as no provider is asked for its models; set llm.discovery.enabled',
    ]);
  });

  it.each([
    [{ interval: 0 }, 'llm.discovery.interval: must be longer than zero'],
    [{ interval: '1y' }, 'llm.discovery.interval: must be shorter than 25 days'],
    [{ timeout: 'soon' }, 'llm.discovery.timeout: must be a duration'],
    [{ enabled: 'yes' }, 'llm.discovery.enabled: must be true or false'],
    [{ require: true }, 'llm.discovery.require: unknown key (did you mean "required"?)'],
    [true, 'llm.discovery: must be a table'],
  ])('refuses discovery = %j', (discovery, line) => {
    expect(() => parseConfig({ llm: { discovery, providers: { p: provider } } })).toThrow(line);
  });

  it.each([
    { 'gemini-2.5-pro': { rename: 'smart' } },
    { 'anthropic.claude-3-haiku': { rename: 'small' } },
    { 'us.amazon.nova-lite-v1:0': { rename: 'light' } },
  ])('warns of names that look reversed: %j', (models) => {
    expect(parseConfig({ llm: { providers: { p: { ...provider, models } } } }).warnings).toHaveLength(1);
  });

  it.each([
    { 'claude-haiku': { rename: 'us.anthropic.claude-3-haiku' } },
    { 'claude-haiku': { rename: 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/x' } },
    { smart: { rename: 'gemini-2.5-pro' } },
  ])('says nothing of %j', (models) => {
    expect(parseConfig({ llm: { providers: { p: { ...provider, models } } } }).warnings).toEqual([]);
  });
});
