// two processes of what is built, one Redis, fifty callers; the clock of one process is five seconds off.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, noRedis, startRedis, type TestRedis } from '../support/redis.ts';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const LIMIT = 200;
const INTERVAL = 1500;
const CALLERS = 50;
const DURATION = 5000;

/** Both clocks of a process, off by so much. */
const skew = (milliseconds: number): string => {
  const code = `const off = ${milliseconds}; const now = Date.now; Date.now = () => now() + off;
    const elapsed = performance.now.bind(performance); performance.now = () => elapsed() + off;`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
};

const config = (url: string): string => `
[server.rate_limits]
enabled = true
on_error = "deny"
global = { limit = ${LIMIT}, interval = "${INTERVAL}ms" }

[server.rate_limits.storage]
type = "redis"
url = "${url}"
response_timeout = "10s"

[llm.discovery]
enabled = false

[llm.providers.openai]
type = "openai"
api_key = "k"
`;

interface Call {
  readonly sent: number;
  readonly received: number;
}

describe.skipIf(noRedis !== undefined)('two processes', () => {
  let redis: TestRedis;
  let folder: string;
  const children: ChildProcess[] = [];
  const urls: string[] = [];

  const start = async (preload: string[]): Promise<void> => {
    const address = `127.0.0.1:${await freePort()}`;
    const args = [...preload, CLI, 'serve', '-c', join(folder, 'nexus.toml'), '-l', address];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    urls.push(`http://${address}`);
    await new Promise<void>((resolve, reject) => {
      child.stdout?.on('data', (data) => String(data).includes(address) && resolve());
      child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
    });
  };

  beforeAll(async () => {
    redis = await startRedis();
    folder = await mkdtemp(join(tmpdir(), 'nexus-limits-'));
    await writeFile(join(folder, 'nexus.toml'), config(redis.url));
    await start([]);
    await start(['--import', skew(5000)]);
  });
  afterAll(async () => {
    for (const child of children) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    }
    await redis.close();
    await rm(folder, { recursive: true, force: true });
  });

  it(`${CALLERS} callers: never one over ${LIMIT} in ${INTERVAL} ms`, async () => {
    const admitted: Call[] = [];
    const statuses = new Map<number, number>();
    const begun = performance.now();
    await Promise.all(
      Array.from({ length: CALLERS }, async (_, caller) => {
        const url = `${urls[caller % 2]}/llm/v1/models`;
        while (performance.now() - begun < DURATION) {
          const sent = performance.now();
          const response = await fetch(url);
          await response.arrayBuffer();
          statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
          if (response.status === 200) admitted.push({ sent, received: performance.now() });
        }
      }),
    );
    const took = performance.now() - begun;
    // Redis decided somewhere between sending and receiving: what lies within an interval for certain must be within the limit.
    const byEnd = [...admitted].sort((a, b) => a.received - b.received);
    let most = 0;
    for (const { sent } of admitted) {
      let within = 0;
      for (const call of byEnd) {
        if (call.received >= sent + INTERVAL) break;
        if (call.sent >= sent) within++;
      }
      most = Math.max(most, within);
    }
    expect(most).toBeLessThanOrEqual(LIMIT);
    expect(admitted.length).toBeLessThanOrEqual(LIMIT * Math.ceil(took / INTERVAL));
    // It is a limit, not a wall: what may pass does pass.
    expect(admitted.length).toBeGreaterThanOrEqual(2 * LIMIT);
    expect([...statuses.keys()].sort()).toEqual([200, 429]);
    console.log(
      `${admitted.length} admitted in ${took.toFixed(0)} ms, most in one interval ${most} of ${LIMIT}; ${statuses.get(429)} refused`,
    );
  }, 60_000);
});
