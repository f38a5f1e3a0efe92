// For the checks of the examples: starts a server as its user would and waits for the address it prints.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/**
 * Runs `node ...args` until its first line with an http address.
 * `stop` asks it to end (SIGTERM) and resolves with its exit code; it fails when the process has not ended after 10 s.
 */
export async function startProcess(args, environment = {}) {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  process.on('exit', () => child.kill('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /https?:\/\/[^\s"]+/.exec(line)?.[0];
    if (url === undefined) continue;
    child.stdout.resume();
    return { url: url.replace(/\/$/, ''), stop: () => stop(child, exited) };
  }
  const [code] = await exited;
  throw new Error(`node ${args.join(' ')} ended with ${code} before it printed an address`);
}

async function stop(child, exited) {
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
  child.kill('SIGTERM');
  const [code, signal] = await exited;
  clearTimeout(late);
  if (signal === 'SIGKILL') throw new Error('the server did not stop within 10 s of SIGTERM');
  return code;
}
