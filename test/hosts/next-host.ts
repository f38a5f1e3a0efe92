// Next as its users run it: a real build and `next start`, in a folder of its own with the built package installed in it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, link, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const template = fileURLToPath(new URL('next-app', import.meta.url));

export interface BuiltApp {
  /** Starts the application on a free port with `upstream` behind it; resolves when it answers. */
  start(upstream: string): Promise<RunningApp>;
  /** Deletes the folder. */
  remove(): Promise<void>;
}

export interface RunningApp {
  readonly url: string;
  /** What it has printed. */
  readonly output: readonly string[];
  stop(): Promise<void>;
}

/** Builds the application with a version of Next: the name of its folder in `node_modules`. */
export async function buildNextApp(next: 'next' | 'next15'): Promise<BuiltApp> {
  const parent = join(root, '.tmp');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, `${next}-`));
  await cp(template, folder, { recursive: true });
  const packages = join(folder, 'node_modules');
  await cp(join(root, 'dist'), join(packages, 'nexus-ai/dist'), { recursive: true });
  await cp(join(root, 'package.json'), join(packages, 'nexus-ai/package.json'));
  // It looks for itself under its own name, so the older one cannot stay under another.
  if (next !== 'next') await copyLinked(join(root, 'node_modules', next), join(packages, 'next'));
  const bin = join(next === 'next' ? join(root, 'node_modules') : packages, 'next/dist/bin/next');
  // vitest's own environment is not that of a build.
  const environment = { PATH: process.env['PATH'], HOME: process.env['HOME'], NEXT_TELEMETRY_DISABLED: '1', CI: '1' };

  const build = spawn(process.execPath, [bin, 'build'], { cwd: folder, env: environment as NodeJS.ProcessEnv });
  const lines = collect(build);
  const [code] = await once(build, 'exit');
  if (code !== 0) throw new Error(`next build ended with ${code}\n${lines.join('\n')}`);

  return {
    async start(upstream) {
      const env = { ...environment, UPSTREAM: upstream } as NodeJS.ProcessEnv;
      const args = [bin, 'start', '--port', '0', '--hostname', '127.0.0.1'];
      const child = spawn(process.execPath, args, { cwd: folder, env });
      const exited = once(child, 'exit');
      const output = collect(child);
      const url = await Promise.race([printedAddress(child), exited.then(() => undefined)]);
      if (url === undefined) throw new Error(`next start ended\n${output.join('\n')}`);
      return {
        url,
        output,
        async stop() {
          child.kill('SIGKILL');
          await exited;
        },
      };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A copy without its cost: the same files under other names. */
async function copyLinked(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyLinked(source, target);
    else if (entry.isFile()) await link(source, target);
  }
}

function collect({ stdout, stderr }: ChildProcess): string[] {
  const lines: string[] = [];
  for (const input of [stdout, stderr]) {
    if (input !== null) createInterface({ input }).on('line', (line) => lines.push(line));
  }
  return lines;
}

function printedAddress({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    if (stdout === null) return;
    let address: string | undefined;
    createInterface({ input: stdout }).on('line', (line) => {
      address ??= /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
      if (address !== undefined && line.includes('Ready')) resolve(address);
    });
  });
}
