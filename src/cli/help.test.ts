import { describe, expect, it } from 'vitest';
import { ERROR_RULES } from '../core/index.ts';
import { COMMAND_NAMES, COMMANDS, OPTION_HELP } from './commands.ts';
import type { Console } from './console.ts';
import { runHelp, usage } from './help.ts';

async function help(topic: string | undefined) {
  let out = '';
  let err = '';
  const console: Console = {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    env: {},
    onStop: () => () => {},
    onReload: () => () => {},
  };
  const status = await runHelp(topic, console);
  return { status, out, err };
}

describe('help', () => {
  it('names every command with what it is for, and the exit statuses', async () => {
    const { status, out } = await help(undefined);
    expect(status).toBe(0);
    for (const name of COMMAND_NAMES) expect(out).toContain(COMMANDS[name].summary);
    expect(out).toContain('Exit status: 0 done, 1 something failed, 2 the command line was wrong, 130 interrupted.');
  });

  it.each(COMMAND_NAMES)('explains %s and each of its options', async (name) => {
    const { status, out } = await help(name);
    expect(status).toBe(0);
    expect(out.startsWith(`${COMMANDS[name].summary}.\n\nUsage: nexus `)).toBe(true);
    for (const option of COMMANDS[name].options) expect(out).toContain(OPTION_HELP[option][0]);
  });

  it.each(Object.keys(ERROR_RULES))('explains the error %s', async (code) => {
    const { status, out } = await help(code);
    expect(status).toBe(0);
    expect(out).toContain(code);
  });

  it.each(['dance', 'README', '../../package', 'no_such_code'])('knows no %j', async (topic) => {
    const { status, out, err } = await help(topic);
    expect([status, out]).toEqual([2, '']);
    expect(err).toMatch(/^There is no command and no error '.+'\nUsage: /);
  });
});

describe('usage', () => {
  it('is a line for each way to call it, no wider than a terminal', () => {
    for (const about of [undefined, ...COMMAND_NAMES]) {
      const lines = usage(about).split('\n');
      expect(lines[0]).toMatch(/^Usage: nexus /);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(120);
    }
  });
});
