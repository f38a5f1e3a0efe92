// A Prometheus of a test's own, where there is one on this machine.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './redis.ts';

const installed = spawnSync('prometheus', ['--version']).status === 0;

/** Why tests with Prometheus cannot run here; `undefined` when they can. They must run where `CI=true`. */
export const noPrometheus: string | undefined = installed ? undefined : 'prometheus is not installed';
if (noPrometheus !== undefined) {
  if (process.env['CI'] === 'true') throw new Error(`${noPrometheus}, and CI demands the tests that need it`);
  console.warn(`Skipped: ${noPrometheus}`);
}

/** One series of an instant query's answer. */
export interface QuerySample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

export interface ScrapeTarget {
  readonly health: string;
  readonly lastError: string;
}

export interface TestPrometheus {
  /** Series of an instant query. Rejects with what Prometheus says about a query it does not take. */
  query(expression: string): Promise<readonly QuerySample[]>;
  /** Its targets, as it says they are. */
  targets(): Promise<readonly ScrapeTarget[]>;
  close(): Promise<void>;
}

/** Starts it with the text of a configuration file; resolves when it answers. */
export async function startPrometheus(config: string): Promise<TestPrometheus> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'nexus-prometheus-'));
  const file = join(folder, 'prometheus.yml');
  await writeFile(file, config);
  let said = '';
  const server = spawn(
    'prometheus',
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  server.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const gone = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  const ask = async (path: string): Promise<Answer['data']> => {
    const response = await fetch(url + path);
    const { status, error, data } = (await response.json()) as Answer;
    if (status !== 'success') throw new Error(`Prometheus refuses ${path}: ${error}`);
    return data;
  };
  const until = Date.now() + 30_000;
  while (!(await isReady(`${url}/-/ready`))) {
    if (server.exitCode !== null || Date.now() > until) throw new Error(`Prometheus does not start: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    query: async (expression) => (await ask(`/api/v1/query?query=${encodeURIComponent(expression)}`)).result ?? [],
    targets: async () => (await ask('/api/v1/targets')).activeTargets ?? [],
    async close() {
      server.kill('SIGTERM');
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: { readonly result?: readonly QuerySample[]; readonly activeTargets?: readonly ScrapeTarget[] };
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
