// No container engine is needed here: the files are read for the mistakes that only show when an image is built or run,
// and what the image would start is started, with its configuration, beside a Redis that is away.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';
import { startProcess } from '../start-process.mjs';

const root = new URL('../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, root), 'utf8');

// --- Dockerfile ---
const steps = read('Dockerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => /^(?<verb>[A-Z]+) (?<rest>.*)$/.exec(line.trim()).groups);
const bases = steps.filter(({ verb }) => verb === 'FROM').map(({ rest }) => rest.split(' '));
const stages = bases.map(([, , name]) => name);
for (const [image] of bases) assert.match(image, /^[\w./-]+:\d+(?:[.-]|$)/, `${image} names its major version`);

const shipped = includedFiles();
for (const { rest } of steps.filter(({ verb }) => verb === 'COPY')) {
  const [first, ...others] = rest.split(/\s+/);
  if (first.startsWith('--from=')) assert.ok(stages.includes(first.slice('--from='.length)), `stage of COPY ${rest}`);
  else for (const source of [first, ...others].slice(0, -1)) assert.ok(source === '.' || shipped.has(source), source);
}
const last = steps.slice(steps.findLastIndex(({ verb }) => verb === 'FROM'));
const only = (verb) => last.filter((step) => step.verb === verb).map(({ rest }) => rest);
const [user] = only('USER');
assert.ok(user !== undefined && !/^(?:root|0)\b/.test(user), 'the container is not run by root');
const program = JSON.parse(only('ENTRYPOINT')[0]);
const args = JSON.parse(only('CMD')[0]);
const [health] = only('HEALTHCHECK');
const probe = JSON.parse(health.slice(health.indexOf('[')));

// --- .dockerignore: what is needed is there, secrets and rubbish are not ---
function includedFiles() {
  const lines = read('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  assert.equal(lines[0], '*', 'nothing goes in by itself');
  const included = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  for (const path of included) assert.ok(existsSync(new URL(path, root)), `${path} of .dockerignore exists`);
  return new Set(included);
}
const packed = JSON.parse(read('package.json')).files.filter((path) => !path.startsWith('!'));
for (const path of packed) {
  assert.ok(
    path === 'dist' || shipped.has(path) || shipped.has(path.split('/')[0]),
    `${path} is packed, so it must go in`,
  );
}
assert.ok(shipped.has('tsup.config.ts') && shipped.has('src'));

// --- compose.yaml ---
const { services } = parseYaml(read('examples/docker/compose.yaml'));
for (const [name, service] of Object.entries(services)) {
  assert.ok(service.build !== undefined || /:\d+/.test(service.image), `${name} names the major version of its image`);
  for (const other of Object.keys(service.depends_on ?? {})) assert.ok(services[other], `${name} depends on ${other}`);
  for (const volume of service.volumes ?? []) {
    assert.ok(existsSync(new URL(volume.split(':')[0], import.meta.url)), `${volume} exists`);
  }
  for (const port of service.ports ?? [])
    assert.match(port, /^127\.0\.0\.1:/, 'nothing is open to the world by itself');
}
const { nexus } = services;
assert.ok(existsSync(new URL(`${nexus.build}/Dockerfile`, import.meta.url)));
assert.ok(
  nexus.volumes.some((volume) => volume.split(':')[1] === args[args.indexOf('-c') + 1]),
  'its file is mounted',
);
const variables = [...read('examples/docker/nexus.toml').matchAll(/\benv\.(\w+)/g)].map(([, name]) => name);
for (const name of variables) assert.ok(name in nexus.environment, `${name} is passed on`);

/** As much of YAML as this file uses: mappings by indentation, lists of texts, quoted or plain texts. */
function parseYaml(text) {
  const whole = {};
  const open = [{ indent: -1, value: whole }];
  for (const line of text.split('\n')) {
    const found = /^(?<space> *)(?:- (?<item>.+)|(?<key>[\w-]+):(?: (?<value>.+))?)$/.exec(line);
    if (found === null) {
      assert.match(line, /^\s*(?:#.*)?$/, 'a line this reader understands');
      continue;
    }
    const { space, item, key, value } = found.groups;
    while (open.at(-1).indent >= space.length) open.pop();
    const { value: parent, owner, name } = open.at(-1);
    const scalar = (raw) => (raw.startsWith('"') ? JSON.parse(raw) : raw);
    if (item !== undefined) {
      if (!Array.isArray(owner[name])) owner[name] = [];
      owner[name].push(scalar(item));
    } else if (value !== undefined) parent[key] = scalar(value);
    else {
      parent[key] = {};
      open.push({ indent: space.length, value: parent[key], owner: parent, name: key });
    }
  }
  return whole;
}

// --- What the image starts ---
const cli = fileURLToPath(new URL('dist/cli.js', root));
assert.deepEqual(program, ['node', 'node_modules/nexus-ai/dist/cli.js']);
const local = args.map((arg) =>
  arg === '/etc/nexus/nexus.toml'
    ? fileURLToPath(new URL('nexus.toml', import.meta.url))
    : arg.replace(/^0\.0\.0\.0:.*/, '127.0.0.1:0'),
);
const keyless = { OPENAI_API_KEY: '', ANTHROPIC_API_KEY: '', REDIS_URL: 'redis://127.0.0.1:1' };
const server = await startProcess([cli, ...local], keyless);
const client = new OpenAI({ apiKey: 'unused', baseURL: `${server.url}/llm/v1`, maxRetries: 0 });
const answer = await client.chat.completions.create({
  model: 'assistant',
  messages: [{ role: 'user', content: 'Say hello.' }],
});
assert.ok(answer.choices[0].message.content);
const [command, ...rest] = probe.map((part) => part.replace('http://127.0.0.1:8000', server.url));
assert.equal(command, 'node');
execFileSync(process.execPath, rest, { timeout: 5_000 });
assert.equal(await server.stop(), 0);
assert.throws(() => execFileSync(process.execPath, rest, { timeout: 5_000, stdio: 'ignore' }), 'the probe can fail');
