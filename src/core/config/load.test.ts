import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { configIssues, formatIssue } from './issues.ts';
import { loadConfig, readConfig } from './load.ts';
import { parseConfig } from './parse.ts';
import { parseToml } from './toml.ts';

const folder = mkdtempSync(join(tmpdir(), 'nexus-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(content: string | Uint8Array): string {
  const path = join(folder, `${files++}.toml`);
  writeFileSync(path, content);
  return path;
}

function problems(path: string, env: Record<string, string> = {}): string[] {
  try {
    loadConfig(path, { env });
  } catch (error) {
    return configIssues(error).map(formatIssue);
  }
  return [];
}

describe('loadConfig', () => {
  it('gives createNexus what it takes', () => {
    const path = file(`
      [server]
      listen_address = "0.0.0.0:9000"
      max_body = "1MiB"
      [llm]
      first_byte_timeout = 30
      [llm.providers.my_provider]
      type = "openai"
      api_key = "{{ env.KEY }}"
      base_url = '{{ env.BASE | "http://localhost:1/v1" }}'
      [llm.providers.my_provider.models."gpt-4.1"]
      [llm.providers.my_provider.models.snake_name]
      rename = "gpt_4"
    `);
    const config = loadConfig(path, { env: { KEY: 'sk-1' } });
    expect(config).toEqual({
      server: { listenAddress: '0.0.0.0:9000', maxBody: '1MiB' },
      llm: {
        firstByteTimeout: 30,
        providers: {
          my_provider: {
            type: 'openai',
            apiKey: 'sk-1',
            baseUrl: 'http://localhost:1/v1',
            models: { 'gpt-4.1': {}, snake_name: { rename: 'gpt_4' } },
          },
        },
      },
    });
    expect(parseConfig(config).config).toEqual(readConfig(path, { env: { KEY: 'sk-1' } }).parsed);
  });

  it('lists missing variables and wrong values together, each once', () => {
    const path = file(`
      serv = 1
      [llm]
      idleTimeout = "never"
      [llm.providers.x]
      type = "openai"
      api_key = "{{ env.NOT_SET }}"
      base_url = "{{ env.NOT_SET_EITHER }}"
      time_out = 3
      when = 1979-05-27
    `);
    expect(problems(path)).toEqual([
      'llm.providers.x.api_key: environment variable NOT_SET is not set',
      'llm.providers.x.base_url: environment variable NOT_SET_EITHER is not set',
      'llm.idleTimeout: must be a duration such as "30s" or "1h30m", found "never"',
      'llm.providers.x.time_out: unknown key (did you mean "timeout"?)',
      expect.stringMatching(
        /^llm\.providers\.x\.when: unknown key; known here: type, api_key, .*models_only, .*models/,
      ),
      'serv: unknown key (did you mean "server"?)',
    ]);
  });

  it('does not show what came from the environment', () => {
    const path = file(
      '[llm.providers.x]\ntype = "{{ env.A }}"\nbase_url = "x{{ env.A }}"\ntimeout = \'{{ env.B | "x" }}\'',
    );
    expect(problems(path, { A: 'hunter2' })).toEqual([
      expect.stringMatching(
        /^llm\.providers\.x\.type: must be one of "openai", .*, found a value from the environment$/,
      ),
      'llm.providers.x.base_url: must be an absolute URL that starts with http:// or https://, found a value from the environment',
      'llm.providers.x.timeout: must be a duration such as "30s" or "1h30m", found "x"',
    ]);
  });

  it('names the file in the message', () => {
    const path = file('');
    expect(() => loadConfig(path)).toThrow(`${path} has one problem:\n  nothing is configured`);
  });

  it('says what is wrong with the file itself', () => {
    expect(problems(join(folder, 'nowhere.toml'))).toEqual(['file not found']);
    expect(problems(folder)).toEqual(['is a directory, not a file']);
    expect(problems(file(new Uint8Array([0xff, 0xfe, 0x61])))).toEqual(['is not UTF-8 text']);
  });

  it('reads the environment of the process unless told otherwise', () => {
    const path = file('[llm.providers.x]\ntype = "openai"\nbase_url = "http://h/{{ env.PATH }}"');
    expect(problems(path)).toEqual(['llm.providers.x.base_url: environment variable PATH is not set']);
    expect(() => loadConfig(path)).not.toThrow('is not set');
  });

  it('passes warnings on', () => {
    const path = file('[llm]\npath = "/llm"\n[llm.providers.x]\ntype = "openai"');
    expect(readConfig(path).warnings).toEqual(['llm.path: is deprecated; use llm.protocols.openai.path']);
  });
});

describe('parseToml', () => {
  it('tells line and column, and keeps the line to itself', () => {
    const path = file('[llm]\n[llm.providers.x]\napi_key = sk-0123456789\n');
    const lines = problems(path);
    expect(lines).toEqual([expect.stringMatching(/^"?line 3, column 11"?: /)]);
    expect(lines.join()).not.toContain('0123456789');
  });

  it('accepts a byte order mark and Windows line ends', () => {
    expect(parseToml('\uFEFFa = 1\r\nb = "x"\r\n')).toEqual({ a: 1, b: 'x' });
  });

  it('keeps hostile keys harmless', () => {
    const document = parseToml('[__proto__]\npolluted = true\n[constructor]\nx = 1');
    expect(Object.keys(document)).toEqual(['__proto__', 'constructor']);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it.each(['a = ', 'a = 1\na = 2', '[a', 'a = "x', '= 1', 'a = 99999999999999999999'])('refuses %j', (text) => {
    expect(() => parseToml(text)).toThrow(/line \d+, column \d+: /);
  });
});
