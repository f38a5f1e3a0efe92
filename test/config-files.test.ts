// What is generated from the configuration's schema is fresh, and says the same as the loader does.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import { parseToml } from 'nexus-ai/config';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../src/core/config/load.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const schema: unknown = JSON.parse(readFileSync(join(root, 'schema/nexus.schema.json'), 'utf8'));

/** The schema without what must be there: a piece of a document shows only what it is about. */
function withoutRequired(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutRequired);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([key, member]) => key !== 'required' || !Array.isArray(member));
  return Object.fromEntries(members.map(([key, member]) => [key, withoutRequired(member)]));
}

function validator(of: unknown): ValidateFunction {
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
  ajv.addKeyword('x-taplo');
  return ajv.compile(of as object);
}

const isWhole = validator(schema);
const isPiece = validator(withoutRequired(schema));

function problems(validate: ValidateFunction, text: string): string[] {
  validate(parseToml(text));
  return (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
}

/** Files of these folders whose name ends so, as paths from the root. */
function files(folders: readonly string[], ending: string): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith(ending) && !name.includes('node_modules'))
      .map((name) => `${folder}/${name}`)
      .sort(),
  );
}

describe.each(['config-schema', 'config-reference'])('what scripts/%s.mjs makes', (name) => {
  it('is fresh', () => {
    const script = join(root, 'scripts', `${name}.mjs`);
    expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow();
  });
});

describe('the JSON Schema', () => {
  const documents = files(['examples', 'docs'], '.toml');

  it('has documents to judge', () => {
    expect(documents).toEqual(expect.arrayContaining(['docs/reference/nexus.toml', 'examples/standalone/nexus.toml']));
  });

  it.each(documents)('takes %s', (file) => {
    const text = readFileSync(join(root, file), 'utf8');
    expect(problems(isWhole, text)).toEqual([]);
    const named = /^#:schema (\S+)\n/.exec(text)?.[1];
    if (named !== undefined) expect(new URL(named, `file:///${file}`).pathname).toBe('/schema/nexus.schema.json');
  });

  it.each(['docs/reference/nexus.toml', 'examples/standalone/nexus.toml'])('is named by %s', (file) => {
    expect(readFileSync(join(root, file), 'utf8')).toMatch(/^#:schema \.\.\/\.\.\/schema\/nexus\.schema\.json\n/);
  });

  const pages = ['README.md', ...files(['docs'], '.md')];
  const known = new Set(Object.keys((schema as { properties: object }).properties));
  const pieces = pages.flatMap((page) => {
    const text = readFileSync(join(root, page), 'utf8');
    return (
      [...text.matchAll(/^```toml[^\n]*\n(.*?)^```$/gms)]
        .map(({ 1: piece = '', index }) => [page, text.slice(0, index).split('\n').length, piece] as const)
        // Other programs have files in TOML too.
        .filter(([, , piece]) => Object.keys(parseToml(piece)).some((key) => known.has(key)))
    );
  });

  it('has pieces to judge', () => {
    expect(pieces.length).toBeGreaterThan(15);
  });

  it.each(pieces)('takes what %s shows in line %i', (_page, _line, piece) => {
    expect(problems(isPiece, piece)).toEqual([]);
  });

  it.each([
    ['[serber]', ' must NOT have additional properties'],
    ['[server]\nlistenaddress = "h:1"', '/server must NOT have additional properties'],
    ['[server]\nlisten_address = "8000"', '/server/listen_address must match pattern'],
    ['[server]\nmax_body = "32 apples"', '/server/max_body must match pattern'],
    ['[llm]\ntimeout = "soon"', '/llm/timeout must match pattern'],
    ['[llm]\ntimeout = -1', '/llm/timeout must be >= 0'],
    ['[llm]\nenabled = "yes"', '/llm/enabled must be boolean'],
    ['[llm.providers.a]\napi_key = "k"', "/llm/providers/a must have required property 'type'"],
    ['[llm.providers.a]\ntype = "opnai"', '/llm/providers/a/type must be equal to one of the allowed values'],
    ['[llm.providers.a]\ntype = "openai"\nbase_url = "host/v1"', '/llm/providers/a/base_url must match pattern'],
    ['[llm.retry]\nattempts = 9', '/llm/retry/attempts must be <= 5'],
    ['[llm.retry]\non = ["fire"]', '/llm/retry/on/0 must be equal to one of the allowed values'],
    ['[llm.routes.a]\ntargets = [{ weight = 1 }]', "/llm/routes/a/targets/0 must have required property 'model'"],
    ['[mcp.servers.a]\ncmd = []', '/mcp/servers/a/cmd must NOT have fewer than 1 items'],
    ['[mcp.servers.a]\nstderr = { file = 1 }', '/mcp/servers/a/stderr/file must be string'],
    ['[[mcp.servers.a.headers]]\nrule = "forward"\nname = "x"', '/mcp/servers/a/headers/0/rule must be equal'],
    ['[server.rate_limits.storage]\nurl = "localhost"', '/server/rate_limits/storage/url must match pattern'],
    ['[server.rate_limits.global]\nlimit = 1.5', '/server/rate_limits/global/limit must be integer'],
  ])('refuses %j', (text, problem) => {
    expect(problems(isWhole, text)).toContainEqual(expect.stringContaining(problem));
  });

  it.each([
    '[llm.providers.a]\ntype = "{{ env.VENDOR }}"\nbase_url = \'{{ env.URL | "http://localhost" }}\'',
    '[llm]\ntimeout = "{{ env.TIMEOUT }}"\nidle_timeout = "2*30s"\nfirst_byte_timeout = 90',
    '[server]\nlisten_address = "{{ env.ADDRESS }}"\nmax_body = "{{ env.SIZE }}"',
    '[server.rate_limits.storage]\ntype = "{{ env.STORE }}"\nurl = "{{ env.REDIS_URL }}"',
  ])('leaves room for the environment and for all spellings: %j', (text) => {
    expect(problems(isWhole, text)).toEqual([]);
  });

  it('marks keys of older files, and completes them nowhere', () => {
    const { llm } = (schema as { properties: Record<string, { properties: Record<string, unknown> }> }).properties;
    expect(llm?.properties['path']).toMatchObject({ deprecated: true, 'x-taplo': { hidden: true } });
  });
});

describe('docs/reference/nexus.toml', () => {
  it('is valid as a whole', () => {
    const file = join(root, 'docs/reference/nexus.toml');
    const names = [...readFileSync(file, 'utf8').matchAll(/env\.(\w+)/g)].map(([, name = '']) => name);
    const env = {
      ...Object.fromEntries(names.map((name) => [name, 'value'])),
      REDIS_URL: 'rediss://localhost',
      CALENDAR_KEY: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
    };
    expect(() => readConfig(file, { env })).not.toThrow();
  });
});
