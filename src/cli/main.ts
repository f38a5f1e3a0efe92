#!/usr/bin/env node
// The command `nexus`. Only this file touches the process.
import { version } from '../../package.json';
import { parseArguments } from './arguments.ts';
import { runCheck } from './check.ts';
import { type Console, INTERRUPTED } from './console.ts';
import { HELP, USAGE } from './help.ts';

const { stdout, stderr, env } = process;

const console: Console = {
  stdout,
  stderr,
  env,
  onStop(listener) {
    process.on('SIGTERM', listener).on('SIGINT', listener);
    return () => void process.off('SIGTERM', listener).off('SIGINT', listener);
  },
};

async function run(args: readonly string[]): Promise<number> {
  const invocation = parseArguments(args, env);
  switch (invocation.command) {
    case 'serve': {
      // Loaded only where a server is started.
      const { runServe } = await import('./serve.ts');
      return runServe(invocation.config, invocation.listen, console);
    }
    case 'check':
      return runCheck(invocation.config, console);
    case 'help':
      stdout.write(HELP);
      return 0;
    case 'version':
      stdout.write(`${version}\n`);
      return 0;
    case 'misuse':
      stderr.write(`${invocation.message}\n${USAGE}`);
      return 2;
  }
}

// Whoever read our output may leave first; that is no reason to fall over.
for (const output of [stdout, stderr]) output.on('error', () => {});

run(process.argv.slice(2)).then(
  (status) => {
    // Leaving by itself lets output drain; an impatient second signal gets no such courtesy.
    if (status === INTERRUPTED) process.exit(status);
    process.exitCode = status;
  },
  (error: unknown) => {
    stderr.write(`nexus failed unexpectedly: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
