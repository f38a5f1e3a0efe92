/*
 * Tests the built files, by the package's own name, in fresh Node processes: what a bundler changed shows here and
 * nowhere else. `npm test` builds first.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const exec = promisify(execFile);

/** Runs `source` in the repository's folder and returns the JSON it printed. */
async function evaluate(type: 'module' | 'commonjs', source: string): Promise<unknown> {
  const { stdout } = await exec(process.execPath, [`--input-type=${type}`, '--eval', source], { cwd: root });
  return JSON.parse(stdout);
}

const configuration = `{ llm: { providers: { openai: { type: 'openai', apiKey: 'demo', baseUrl: 'http://127.0.0.1:9/v1' } } } }`;

beforeAll(() => {
  if (!existsSync(new URL('../../dist/index.js', import.meta.url))) throw new Error('dist/ is missing: npm run build');
});

describe('the built package', () => {
  it.each(['', '/express', '/node', '/config', '/testing'])(
    'nexus-ai%s exports the same names as ESM and CJS',
    async (subpath) => {
      const names = await evaluate(
        'module',
        `import { createRequire } from 'node:module';
       const esm = await import('nexus-ai${subpath}');
       const cjs = createRequire(process.cwd() + '/')('nexus-ai${subpath}');
       const namesOf = (module) => Object.keys(module).filter((name) => name !== 'default' && name !== 'module.exports').sort();
       console.log(JSON.stringify({ esm: namesOf(esm), cjs: namesOf(cjs), same: esm === cjs }));`,
      );
      const { esm, cjs, same } = names as { esm: string[]; cjs: string[]; same: boolean };
      expect(same).toBe(false);
      expect(esm.length).toBeGreaterThan(0);
      expect(cjs).toEqual(esm);
    },
  );

  it('recognises an error across the two copies', async () => {
    const recognised = await evaluate(
      'module',
      `import { createRequire } from 'node:module';
       import { createNexus, NexusError } from 'nexus-ai';
       const cjs = createRequire(process.cwd() + '/')('nexus-ai');
       const thrownBy = (create) => { try { create({ llm: { providers: { openai: { type: 'no-such-vendor' } } } }); } catch (error) { return error; } };
       const [fromEsm, fromCjs] = [thrownBy(createNexus), thrownBy(cjs.createNexus)];
       console.log(JSON.stringify([
         cjs.NexusError.is(fromEsm), NexusError.is(fromCjs), fromEsm instanceof cjs.NexusError, NexusError.is(new Error()),
       ]));`,
    );
    expect(recognised).toEqual([true, true, false, false]);
  });

  it('mounts an instance of the CJS copy with the ESM Express adapter', async () => {
    const answer = await evaluate(
      'module',
      `import { createRequire } from 'node:module';
       import { once } from 'node:events';
       import express from 'express';
       import { nexus } from 'nexus-ai/express';
       const { createNexus } = createRequire(process.cwd() + '/')('nexus-ai');
       const instance = createNexus(${configuration});
       const server = express().use('/ai', nexus(instance)).listen(0, '127.0.0.1');
       await once(server, 'listening');
       const response = await fetch('http://127.0.0.1:' + server.address().port + '/ai/health');
       await response.arrayBuffer();
       server.close();
       server.closeAllConnections();
       await instance.close();
       console.log(JSON.stringify(response.status));`,
    );
    expect(answer).toBe(200);
  });

  it('loads nothing heavy for a configuration with one OpenAI provider, even once it is ready', async () => {
    const loaded = await evaluate(
      'commonjs',
      `const { createNexus } = require('nexus-ai');
       const instance = createNexus(${configuration});
       instance.ready().then(() => console.log(JSON.stringify(Object.keys(require.cache))));`,
    );
    const paths = (loaded as string[]).map((path) => path.replaceAll('\\', '/'));
    const heavy =
      /node_modules\/(?:zod|smol-toml|ioredis|openai|express|@aws-sdk|@modelcontextprotocol|undici|@opentelemetry|@grpc)\/|\/dist\/(?:testing|cli|config)\.cjs/;
    expect(paths.some((path) => path.includes('/dist/http-transport-'))).toBe(true);
    expect(paths.filter((path) => heavy.test(path))).toEqual([]);
  });

  it('shows a mistake that nobody catches on one screen: Node prints the line it was thrown in', async () => {
    const source = `import { createNexus } from 'nexus-ai'; createNexus({ lmm: {} });`;
    const running = exec(process.execPath, ['--input-type=module', '--eval', source], { cwd: root });
    const { stderr } = await running.then(
      () => expect.fail('an unknown table was accepted'),
      (error: { stderr: string }) => error,
    );
    expect(stderr).toContain('did you mean "llm"');
    expect(stderr.length).toBeLessThan(4000);
  });

  it.each([
    ['', '{}'],
    [' that a sink also waits for', '{ sinks: [() => undefined] }'],
  ])('has written the log line of a request%s when the process crashes in the same moment', async (_, options) => {
    const source = `import { createNexus } from 'nexus-ai';
       import { createFakeProvider } from 'nexus-ai/testing';
       const provider = await createFakeProvider();
       const providers = { openai: { type: 'openai', apiKey: 'k', baseUrl: provider.url + '/v1' } };
       const nexus = createNexus({ llm: { discovery: { enabled: false }, providers }, telemetry: { logs: { requests: true, format: 'json' } } }, ${options});
       await nexus.ready();
       const body = JSON.stringify({ model: 'openai/m', messages: [{ role: 'user', content: 'Hi' }] });
       const asked = new Request('http://x/llm/v1/chat/completions', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
       await (await nexus.fetch(asked)).arrayBuffer();
       throw new Error('crash');`;
    const crash = exec(process.execPath, ['--input-type=module', '--eval', source], { cwd: root });
    const { code, stderr } = await crash.then(
      () => undefined,
      (error) => error,
    );
    expect(code).toBe(1);
    expect(stderr).toContain('Error: crash');
    expect(stderr).toMatch(/"message":"Request answered".*"status":200/);
  });

  it('carries the licence of what it bundles', () => {
    const notices = readFileSync(new URL('../../dist/THIRD-PARTY-NOTICES.txt', import.meta.url), 'utf8');
    expect(notices).toContain('zod');
    expect(notices).toContain('BerriAI/litellm');
    expect(notices).toContain('Permission is hereby granted');
  });
});
