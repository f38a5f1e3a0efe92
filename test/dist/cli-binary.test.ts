// The built command as a process of its own: its output, its exit statuses, and what it does not load.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'nexus-binary-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `nexus` in an empty folder with an environment of its own. */
function nexus(args: readonly string[], input = ''): Promise<{ status: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { PATH: process.env['PATH'] ?? '' }, maxBuffer: 2 ** 24 };
    const child = execFile(process.execPath, [join(dist, 'cli.js'), ...args], options, (error, out, err) => {
      resolve({ status: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
    child.stdin?.end(input);
  });
}

describe('nexus, built', () => {
  it('writes a configuration, judges it, lists it and answers', async () => {
    expect(await nexus(['init'])).toMatchObject({ status: 0, err: '' });
    expect(await nexus(['check'])).toMatchObject({ status: 0, err: '' });
    expect(await nexus(['models', '--json'])).toMatchObject({
      status: 0,
      out: expect.stringContaining('"models": []'),
    });
    const answer = await nexus(['chat', 'openai/gpt-5'], 'Hello\n');
    expect(answer).toMatchObject({ status: 0, out: expect.stringContaining('You said: "Hello"') });
    expect(answer.err).toMatch(/^openai\/gpt-5 · .* tokens in/);
    expect(await nexus(['tools'])).toEqual({ status: 0, out: '', err: 'No MCP server is configured\n' });
    expect((await nexus(['init'])).status).toBe(1);
  });

  it('prints the schema and the pages on errors that come with the package', async () => {
    const { status, out } = await nexus(['schema']);
    expect(status).toBe(0);
    expect(out).toBe(readFileSync(join(dist, '../schema/nexus.schema.json'), 'utf8'));
    expect(await nexus(['help', 'config_invalid'])).toMatchObject({ status: 0, err: '' });
  });

  it.each([
    [['chekc'], "Unknown command 'chekc' (did you mean 'check'?)"],
    [['chat'], "'nexus chat' needs a model; 'nexus models' lists them"],
    [['chat', 'a/b'], "'nexus chat' needs a prompt: as an argument, or on standard input"],
  ])('ends with 2 after %j', async (args, message) => {
    const { status, out, err } = await nexus(args);
    expect([status, out, err.split('\n')[0]]).toEqual([2, '', message]);
  });

  it('loads a command only when it is given', () => {
    const text = (name: string) => readFileSync(join(dist, name), 'utf8');
    const parts = [...text('cli.js').matchAll(/import\(["']\.\/([\w-]+\.js)["']\)/g)].map(([, name = '']) => name);
    const commands = parts.map((name) => name.split('-')[0]);
    expect(commands).toEqual(
      expect.arrayContaining(['chat', 'check', 'help', 'init', 'models', 'schema', 'serve', 'tools']),
    );
    const loadedBy = (name: string, seen = new Set<string>()): Set<string> => {
      if (seen.has(name)) return seen;
      seen.add(name);
      for (const [, other = ''] of text(name).matchAll(/(?:from|import)\s*["']\.\/([\w-]+\.js)["']/g))
        loadedBy(other, seen);
      return seen;
    };
    const serve = parts.find((name) => name.startsWith('serve-')) ?? '';
    const loaded = new Set([...loadedBy('cli.js'), ...loadedBy(serve)]);
    expect(loaded.size).toBeGreaterThan(2);
    expect(parts.filter((name) => name !== serve && loaded.has(name))).toEqual([]);
    expect([...loaded].filter((name) => /readline|node:module/.test(text(name)))).toEqual([]);
  });
});
