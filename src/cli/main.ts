#!/usr/bin/env node
// The command `nexus`. Only this file touches the process, and loads no more than the command it is given.
import { version } from '../../package.json';
import { parseArguments } from './arguments.ts';
import { type Console, INTERRUPTED } from './console.ts';

const { stdout, stderr, env } = process;

const console: Console = {
  stdout,
  stderr,
  env,
  // Getters: looking at standard input opens it, and a server has no use for it.
  get terminal() {
    const { stdin } = process;
    return stdin.isTTY && stderr.isTTY ? { input: stdin, output: stderr } : undefined;
  },
  get readInput() {
    return process.stdin.isTTY ? undefined : readAll;
  },
  onStop(listener) {
    process.on('SIGTERM', listener).on('SIGINT', listener);
    return () => void process.off('SIGTERM', listener).off('SIGINT', listener);
  },
  onReload(listener) {
    process.on('SIGHUP', listener);
    return () => void process.off('SIGHUP', listener);
  },
};

async function readAll(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
  return text;
}

async function run(args: readonly string[]): Promise<number> {
  const invocation = parseArguments(args, env);
  switch (invocation.command) {
    case 'serve': {
      const { runServe } = await import('./serve.ts');
      return runServe(invocation.config, invocation.listen, console, invocation);
    }
    case 'check': {
      const { runCheck } = await import('./check.ts');
      return runCheck(invocation.config, console, invocation.json);
    }
    case 'init': {
      const { runInit } = await import('./init.ts');
      return runInit(invocation, console);
    }
    case 'models': {
      const { runModels } = await import('./models.ts');
      return runModels(invocation.config, invocation.json, console);
    }
    case 'tools': {
      const { runTools } = await import('./tools.ts');
      return runTools(invocation, console);
    }
    case 'chat': {
      const { runChat } = await import('./chat.ts');
      return runChat(invocation, console);
    }
    case 'schema': {
      const { runSchema } = await import('./schema.ts');
      return runSchema(console);
    }
    case 'help': {
      const { runHelp } = await import('./help.ts');
      return runHelp(invocation.topic, console);
    }
    case 'version':
      stdout.write(`${version}\n`);
      return 0;
    case 'misuse': {
      const { usage } = await import('./help.ts');
      stderr.write(`${invocation.message}\n${usage(invocation.about)}`);
      return 2;
    }
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
