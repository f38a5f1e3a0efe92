// The built binary as a process: signals, a changing file, and number R-35, the stop with 200 open streams.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileWatch } from '../../src/cli/file-watch.ts';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

let provider: FakeProvider;
let folder: string;
let file: string;
const running: Nexus[] = [];

beforeEach(async () => {
  provider = await createFakeProvider();
  folder = mkdtempSync(join(tmpdir(), 'nexus-operations-'));
  file = join(folder, 'nexus.toml');
});
afterEach(async () => {
  for (const { child } of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await provider.close();
  rmSync(folder, { recursive: true });
});

interface Nexus {
  readonly child: ChildProcess;
  readonly url: string;
  readonly exit: Promise<number | null>;
  /** What it has written so far, to either stream. */
  said(): string;
}

function write(upstream: string, server = ''): void {
  writeFileSync(
    `${file}.new`,
    `[server]
${server}
[llm.discovery]
enabled = false
[llm.providers.openai]
type = "openai"
api_key = "k"
base_url = "${provider.url}/v1"
[llm.providers.openai.models.m]
upstream = "${upstream}"
`,
  );
  renameSync(`${file}.new`, file);
}

async function start(...args: string[]): Promise<Nexus> {
  const child = spawn(process.execPath, [CLI, '-c', file, '-l', '127.0.0.1:0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      text += chunk.toString();
      const found = /^nexus listening on (\S+)\n/m.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    void exit.then((code) => reject(new Error(`ended with ${code}: ${text}`)));
  });
  const nexus: Nexus = { child, url, exit, said: () => text };
  running.push(nexus);
  return nexus;
}

const BODY = (stream: boolean) =>
  JSON.stringify({ model: 'openai/m', stream, messages: [{ role: 'user', content: 'hi' }] });

const ask = (url: string): Promise<Response> =>
  fetch(`${url}/llm/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: BODY(false),
  });

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

/** Opens a stream; resolves with its text so far once something has come, and with all of it at the end. */
function openStream(url: string): Promise<{ readonly whole: Promise<string> }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${url}/llm/v1/chat/completions`, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json' },
    });
    sent.on('error', reject);
    sent.on('response', (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8');
      const whole = new Promise<string>((done) => {
        response.on('end', () => done(text));
        // Cut without an end.
        response.on('error', () => done(`${text}CUT`));
      });
      response.on('data', (chunk: string) => {
        text += chunk;
        resolve({ whole });
      });
    });
    sent.end(BODY(true));
  });
}

async function openStreams(url: string, count: number): Promise<Promise<string>[]> {
  const streams = await Promise.all(Array.from({ length: count }, () => openStream(url)));
  return streams.map(({ whole }) => whole);
}

describe('R-35: a stop with 200 open streams', () => {
  it('lets them finish, accepts nobody meanwhile, and ends with 0', async () => {
    write('m');
    const { child, url, exit } = await start('--drain', '60s');
    provider.script([{ reply: { text: 'word '.repeat(40), chunkSize: 10, pace: 100 } }]);
    const streams = await openStreams(url, 200);
    child.kill('SIGTERM');
    await expect
      .poll(() =>
        fetch(`${url}/health`).then(
          ({ status }) => status,
          () => 'refused',
        ),
      )
      .toBe('refused');
    expect(child.exitCode).toBe(null);
    const texts = await Promise.all(streams);
    expect(texts.filter((text) => !text.trimEnd().endsWith('data: [DONE]') || text.includes('"error"'))).toEqual([]);
    expect(await exit).toBe(0);
  }, 60_000);

  it('ends with an error event those that do not finish in time, cuts none, and ends with 0', async () => {
    write('m', 'drain = "500ms"');
    const { child, url, exit } = await start();
    provider.script([{ reply: { text: 'word '.repeat(1000), chunkSize: 5, pace: 200 } }]);
    const streams = await openStreams(url, 200);
    child.kill('SIGTERM');
    const texts = await Promise.all(streams);
    const ending = (text: string) => [
      text.includes('[DONE]'),
      text.endsWith('CUT'),
      /"error".*shutting down/.test(text),
    ];
    expect(texts.filter((text) => ending(text).join() !== 'false,false,true')).toEqual([]);
    expect(await exit).toBe(0);
    await provider.waitFor(({ bill }) => bill.openConnections === 0, 5000);
  }, 60_000);

  it('does not wait after a second signal', async () => {
    write('m');
    const { child, url, exit } = await start();
    provider.script([{ reply: { text: 'word '.repeat(1000), chunkSize: 5, pace: 200 } }]);
    const [stream] = await openStreams(url, 1);
    child.kill('SIGTERM');
    await expect
      .poll(() =>
        fetch(`${url}/health`).then(
          ({ status }) => status,
          () => 'refused',
        ),
      )
      .toBe('refused');
    child.kill('SIGINT');
    expect(await exit).toBe(130);
    expect(await stream).not.toContain('[DONE]');
  });
});

describe('a changing file', () => {
  const models = () => provider.requests.map(({ body }) => (body as { model: string }).model);

  it('is taken up, and refused with all its problems where it is wrong', async () => {
    write('one');
    const { url, said } = await start();
    await (await ask(url)).text();
    write('two');
    await expect.poll(said, { timeout: 10_000 }).toContain(`nexus took up ${file} (configuration 2)\n`);
    await (await ask(url)).text();

    writeFileSync(file, '[llm]\ntimeout = "soon"\nproviderz = 1\n');
    await expect.poll(said, { timeout: 10_000 }).toContain('the configuration before it stays in force');
    expect(said()).toContain(`${file}: llm.timeout: must be a duration`);
    expect(said()).toContain(`${file}: llm.providerz: unknown key`);
    await (await ask(url)).text();

    rmSync(file);
    await expect.poll(said, { timeout: 10_000 }).toContain(`${file}: file not found`);
    write('three', 'listen_address = "127.0.0.1:1"\ntls = { certificate = "a.pem", key = "b.pem" }');
    await expect.poll(said, { timeout: 10_000 }).toContain('(configuration 3)');
    await (await ask(url)).text();
    expect(models()).toEqual(['one', 'two', 'two', 'three']);
    // The address is that of the command line, so that of the file says nothing new.
    await expect.poll(said).toContain(`${file}: server.tls: takes effect when nexus is started again\n`);
    expect(said()).not.toContain('server.listen_address');
  }, 60_000);

  it('is left alone with --no-watch until SIGHUP asks for it', async () => {
    write('one');
    const { child, url, said } = await start('--no-watch');
    write('two');
    child.kill('SIGHUP');
    await expect.poll(said, { timeout: 10_000 }).toContain('(configuration 2)');
    await (await ask(url)).text();
    expect(models()).toEqual(['two']);
    // Whoever watches as the process would has noticed by then.
    const noticed = new Promise<void>((resolve) => {
      const watch = new FileWatch(file, undefined, (content) => {
        if (content?.includes('three') !== true) return;
        watch.close();
        resolve();
      });
    });
    write('three');
    await noticed;
    await (await ask(url)).text();
    expect(models()).toEqual(['two', 'two']);
  }, 60_000);

  it('goes on with the demo, and with other rules of it', async () => {
    const demo = (text: string, timeout: string) =>
      writeFileSync(
        file,
        `[llm]\ntimeout = "${timeout}"\n[llm.providers.openai]\ntype = "openai"\n[demo]\n[[demo.rules]]\nreply = { text = "${text}" }\n`,
      );
    demo('first', '1m');
    const { url, said } = await start();
    expect(await (await ask(url)).text()).toContain('first');
    demo('first', '2m');
    await expect.poll(said, { timeout: 10_000 }).toContain('(configuration 2)');
    expect(await (await ask(url)).text()).toContain('first');
    demo('second', '2m');
    await expect.poll(said, { timeout: 10_000 }).toContain('(configuration 3)');
    expect(await (await ask(url)).text()).toContain('second');
  }, 60_000);

  it('may itself say that nobody watches it', async () => {
    write('one', 'watch = false');
    const { child, url, said } = await start();
    write('two');
    child.kill('SIGHUP');
    await expect.poll(said, { timeout: 10_000 }).toContain('(configuration 2)');
    await (await ask(url)).text();
    write('three');
    await expect.poll(said, { timeout: 10_000 }).toContain('(configuration 3)');
    await (await ask(url)).text();
    expect(models()).toEqual(['two', 'three']);
  }, 60_000);
});
