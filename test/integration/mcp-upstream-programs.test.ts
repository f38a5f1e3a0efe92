// MCP servers that are programs: published ones, and one that misbehaves in every way it can.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/mcp/wire/json-rpc.ts';
import { leastUntil } from '../support/least.ts';
import { caller, callTool, context, eventually, open, textOf, toolNames } from '../support/mcp-upstreams.ts';

const PACKAGES = 'node_modules/@modelcontextprotocol';
const EVERYTHING = [process.execPath, `${PACKAGES}/server-everything/dist/index.js`, 'stdio'];
const HOSTILE = 'test/fixtures/mcp/hostile.mjs';

let directory: string;
let count = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mcp-programs-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
});

/** A misbehaving server, and the file it notes its life in. */
function hostile(fault: string): { cmd: string[]; notes: () => Promise<string[]> } {
  const file = join(directory, `${fault}-${count++}`);
  const notes = async () => (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  return { cmd: [process.execPath, HOSTILE, fault, file], notes };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function pidsIn(notes: readonly string[], word: string): number[] {
  return notes.flatMap((line) => (line.startsWith(`${word} `) ? [Number(line.slice(word.length + 1))] : []));
}

describe('published servers', () => {
  it('lists and calls everything, with progress, prompts, resources and completion', async () => {
    await using opened = open({ servers: { every: { cmd: EVERYTHING } } });
    const every = opened.upstream('every');
    const catalogue = await every.catalogue(caller());
    expect(catalogue.tools).toHaveLength(13);
    expect(catalogue.prompts).toHaveLength(4);
    expect(catalogue.resources).toHaveLength(7);
    expect(catalogue.resourceTemplates).toHaveLength(2);
    expect(catalogue.instructions).toEqual(expect.any(String));
    expect(textOf(await callTool(every, 'echo', { message: 'hi' }))).toBe('Echo: hi');

    const progress: JsonObject[] = [];
    const onProgress = (params: JsonObject) => progress.push(params);
    await callTool(every, 'trigger-long-running-operation', { duration: 0.2, steps: 2 }, { onProgress });
    expect(progress).toEqual([
      { progress: 1, total: 2 },
      { progress: 2, total: 2 },
    ]);

    const prompt = await every.request('prompts/get', { name: 'simple-prompt' }, context());
    expect(prompt['messages']).toHaveLength(1);
    const [resource] = catalogue.resources;
    const read = await every.request('resources/read', { uri: String(resource?.['uri']) }, context());
    expect(read['contents']).toHaveLength(1);
    const completed = await every.request(
      'completion/complete',
      { ref: { type: 'ref/prompt', name: 'completable-prompt' }, argument: { name: 'department', value: 'E' } },
      context(),
    );
    expect(completed['completion']).toMatchObject({ values: ['Engineering'] });
    await expect(callTool(every, 'get-sum', { a: 'x' })).resolves.toMatchObject({ isError: true });
  });

  it('asks the client that made the call, of two at the same time', async () => {
    await using opened = open({ servers: { every: { cmd: EVERYTHING } } });
    const every = opened.upstream('every');
    const asked: [string, string][] = [];
    const person = async (name: string): Promise<string> => {
      const who = caller(name, { elicitation: {}, sampling: {}, roots: {} });
      expect(await toolNames(every, who)).toContain('trigger-sampling-request');
      const ask = async (method: string): Promise<JsonObject> => {
        asked.push([name, method]);
        if (method === 'roots/list') return { roots: [{ uri: `file:///${name}` }] };
        if (method === 'elicitation/create') return { action: 'accept', content: { name } };
        return { role: 'assistant', model: 'm', content: { type: 'text', text: `sampled for ${name}` } };
      };
      const more = { caller: who, ask };
      const sampled = callTool(every, 'trigger-sampling-request', { prompt: 'p', maxTokens: 5 }, more);
      const elicited = callTool(every, 'trigger-elicitation-request', {}, more);
      const [first, second] = await Promise.all([sampled, elicited]);
      return JSON.stringify([first, second]);
    };
    const [anna, ben] = await Promise.all([person('anna'), person('ben')]);
    expect(anna).toContain('sampled for anna');
    expect(anna).not.toContain('ben');
    expect(ben).toContain('sampled for ben');
    expect(ben).not.toContain('anna');
    for (const name of ['anna', 'ben']) {
      expect(asked).toContainEqual([name, 'sampling/createMessage']);
      expect(asked).toContainEqual([name, 'elicitation/create']);
    }
    // Callers that can be asked nothing see what they can use.
    expect(await toolNames(every)).not.toContain('trigger-sampling-request');
  });

  it('serves filesystem, memory and sequential-thinking side by side', async () => {
    await writeFile(join(directory, 'note.txt'), 'kept');
    await using opened = open({
      servers: {
        files: { cmd: [process.execPath, `${PACKAGES}/server-filesystem/dist/index.js`, directory] },
        memory: {
          cmd: [process.execPath, `${PACKAGES}/server-memory/dist/index.js`],
          env: { MEMORY_FILE_PATH: join(directory, 'memory.json') },
        },
        thinking: { cmd: [process.execPath, `${PACKAGES}/server-sequential-thinking/dist/index.js`] },
      },
    });
    const [files, memory, thinking] = ['files', 'memory', 'thinking'].map((name) => opened.upstream(name));
    if (files === undefined || memory === undefined || thinking === undefined) throw new Error('Missing upstream');
    expect(await toolNames(files)).toHaveLength(14);
    expect(await toolNames(memory)).toHaveLength(9);
    expect(await toolNames(thinking)).toHaveLength(1);
    const path = join(directory, 'note.txt');
    expect(textOf(await callTool(files, 'read_text_file', { path }))).toBe('kept');
    const entities = [{ name: 'n', entityType: 't', observations: [] }];
    await callTool(memory, 'create_entities', { entities });
    expect(textOf(await callTool(memory, 'read_graph'))).toContain('"n"');
  });
});

describe('what passes unchanged', () => {
  it('keeps all pages and members nobody knows', async () => {
    await using opened = open({ servers: { odd: { cmd: hostile('none').cmd } } });
    const odd = opened.upstream('odd');
    const { tools, prompts, resources, instructions } = await odd.catalogue(caller());
    expect(tools).toHaveLength(12);
    expect(tools[0]).toEqual({
      name: 'echo',
      inputSchema: { type: 'object' },
      annotations: { readOnlyHint: true, 'x-unknown': 1 },
      'x-extra': true,
    });
    // It declares prompts and resources and answers "Method not found": its tools stay.
    expect([prompts, resources]).toEqual([[], []]);
    expect(instructions).toBe('Be careful.');
    expect(await callTool(odd, 'strange')).toEqual({
      content: [{ type: 'hologram', data: 1 }],
      structuredContent: [1],
      'x-top': { deep: null },
      _meta: { 'a/b': 1 },
    });
    await expect(callTool(odd, 'refuse')).rejects.toMatchObject({
      code: -32055,
      message: 'No',
      data: { why: ['because'] },
    });
    await expect(odd.request('no/such', {}, context())).rejects.toMatchObject({ code: -32601 });
  });

  it('sends a progress token only to those who want progress, and travels what else is in _meta', async () => {
    await using opened = open({ servers: { odd: { cmd: hostile('none').cmd } } });
    const odd = opened.upstream('odd');
    const meta = { traceparent: '00-1', 'io.modelcontextprotocol/logLevel': 'debug' };
    expect(JSON.parse(textOf(await callTool(odd, 'progress', {}, { meta })))).toEqual({ traceparent: '00-1' });
    const seen: JsonObject[] = [];
    await callTool(odd, 'progress', {}, { onProgress: (params) => seen.push(params) });
    expect(seen).toEqual([{ progress: 1, total: 2, message: 'half', 'x-more': 1 }]);
  });

  it('never mixes up 64 callers with 50 calls each', async () => {
    await using opened = open({ servers: { odd: { cmd: hostile('none').cmd } } });
    const odd = opened.upstream('odd');
    const one = async (who: number): Promise<number> => {
      const texts = await Promise.all(
        Array.from({ length: 50 }, async (_, call) => {
          const payload = { who, call };
          return (
            textOf(await callTool(odd, 'echo', payload, { caller: caller(`c${who}`) })) === JSON.stringify(payload)
          );
        }),
      );
      return texts.filter((same) => !same).length;
    };
    const wrong = await Promise.all(Array.from({ length: 64 }, (_, who) => one(who)));
    expect(wrong.reduce((sum, each) => sum + each, 0)).toBe(0);
  });
});

describe('cancelling and time', () => {
  it('tells the server within 50 ms, and drops the answer that comes too late', async () => {
    const { cmd, notes } = hostile('none');
    await using opened = open({ servers: { odd: { cmd } } });
    const odd = opened.upstream('odd');
    let calls = 0;
    const took = await leastUntil(50, async () => {
      const leaving = new AbortController();
      const call = callTool(odd, 'late', {}, { signal: leaving.signal });
      calls++;
      const noted = async (start: string) => (await notes()).filter((line) => line.startsWith(start));
      await eventually(async () => (await noted('request tools/call')).length === calls);
      const left = Date.now();
      leaving.abort();
      await expect(call).rejects.toMatchObject({ code: -32603, message: 'The call was cancelled' });
      const told = await eventually(async () => (await noted('cancelled '))[calls - 1]);
      return Number(told.split(' ')[1]) - left;
    });
    expect(took).toBeLessThanOrEqual(50);
    expect(textOf(await callTool(odd, 'echo', { after: 1 }))).toBe('{"after":1}');
  });

  it('gives a call up after its own timeout with -32001', async () => {
    const { cmd, notes } = hostile('none');
    await using opened = open({ servers: { odd: { cmd, timeout: '5s', tools: { hang: { timeout: '100ms' } } } } });
    const odd = opened.upstream('odd');
    await odd.catalogue(caller());
    await expect(callTool(odd, 'hang')).rejects.toMatchObject({ code: -32001 });
    await eventually(async () => (await notes()).some((line) => line.startsWith('cancelled ')));
  });

  it('refuses an answer above 16 MiB and stays usable', async () => {
    await using opened = open({ servers: { odd: { cmd: hostile('none').cmd } } });
    const odd = opened.upstream('odd');
    const size = 17 * 1024 * 1024;
    await expect(callTool(odd, 'big', { size })).rejects.toMatchObject({
      code: -32603,
      message: expect.stringContaining('16 MiB'),
    });
    expect(textOf(await callTool(odd, 'big', { size: 5_000_000 }))).toHaveLength(5_000_000);
  });
});

describe('requests of a server', () => {
  it('declares exactly what the caller can do, and nothing on the shared connection', async () => {
    const { cmd, notes } = hostile('none');
    await using opened = open({ servers: { odd: { cmd } } });
    const odd = opened.upstream('odd');
    await callTool(odd, 'echo');
    const capabilities = { elicitation: { form: {}, 'x-own': 1 }, experimental: {} };
    await callTool(odd, 'echo', {}, { caller: caller('a', capabilities), ask: async () => ({}) });
    expect((await notes()).filter((line) => line.startsWith('capabilities'))).toEqual([
      'capabilities {}',
      'capabilities {"elicitation":{"form":{},"x-own":1}}',
    ]);
  });

  it.each([
    ['what was not declared', { method: 'sampling/createMessage', params: {} }, { elicitation: {} }, -32601],
    ['what no client takes', { method: 'tools/call', params: {} }, { elicitation: {} }, -32601],
    [
      'a mode that was not declared',
      { method: 'elicitation/create', params: { mode: 'url' } },
      { elicitation: {} },
      -32601,
    ],
    ['a caller that can be asked nothing', {}, {}, -32601],
  ])('refuses %s', async (_, args, capabilities, code) => {
    await using opened = open({ servers: { odd: { cmd: hostile('none').cmd } } });
    const asked: string[] = [];
    const ask = async (method: string): Promise<JsonObject> => {
      asked.push(method);
      return {};
    };
    const result = await callTool(opened.upstream('odd'), 'ask', args, { caller: caller('a', capabilities), ask });
    expect(JSON.parse(textOf(result))).toMatchObject({ code });
    expect(asked).toEqual([]);
  });

  it('asks nobody when the server may not', async () => {
    await using opened = open({ servers: { odd: { cmd: hostile('none').cmd, clientFeatures: false } } });
    const more = { caller: caller('a', { elicitation: {} }), ask: async () => ({ action: 'accept' }) };
    expect(JSON.parse(textOf(await callTool(opened.upstream('odd'), 'ask', {}, more)))).toMatchObject({ code: -32601 });
  });
});

describe('changes', () => {
  it('reads a changed list once for a burst of notifications', async () => {
    const { cmd, notes } = hostile('none');
    await using opened = open({ servers: { odd: { cmd } } });
    const odd = opened.upstream('odd');
    const before = await odd.catalogue(caller());
    expect(await odd.catalogue(caller())).toBe(before);
    const changes: string[] = [];
    odd.onChange(({ kind }) => changes.push(kind));
    await callTool(odd, 'change', { count: 1 });
    await eventually(() => changes.includes('tools'));
    expect(await toolNames(odd)).toContain('extra0');
    expect(changes).toEqual(['tools']);
    // Three pages at the start, three after the change.
    expect((await notes()).filter((line) => line === 'request tools/list')).toHaveLength(6);
  });

  it('is not kept busy by a server that never stops changing', async () => {
    const { cmd, notes } = hostile('list-loop');
    await using opened = open({ servers: { odd: { cmd } } });
    const odd = opened.upstream('odd');
    const changes: string[] = [];
    await odd.catalogue(caller());
    odd.onChange(({ kind }) => changes.push(kind));
    const began = performance.now();
    const lists = async () => (await notes()).filter((line) => line === 'request tools/list').length;
    await eventually(async () => (await lists()) >= 9);
    // A reading has three pages: the one at the start, then one a second at most.
    expect(performance.now() - began).toBeGreaterThan(900);
    expect(changes).toEqual([]);
  });
});

describe('a modern program', () => {
  function modern(): { cmd: string[]; notes: () => Promise<string[]> } {
    const file = join(directory, `modern-${count++}`);
    const notes = async () => (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
    return { cmd: [process.execPath, 'test/fixtures/mcp/modern.mjs', file], notes };
  }

  it('is recognised without a second process, and told what each caller can do', async () => {
    const { cmd, notes } = modern();
    await using opened = open({ servers: { both: { cmd } } });
    const both = opened.upstream('both');
    expect(await toolNames(both)).toEqual(['echo', 'hang', 'grow']);
    expect(textOf(await callTool(both, 'echo', { word: 'a' }))).toBe('["a",{}]');
    const more = { caller: caller('x', { elicitation: { form: {} } }), relayInputRequired: true };
    expect(textOf(await callTool(both, 'echo', { word: 'b' }, more))).toBe('["b",{"elicitation":{"form":{}}}]');
    expect(await notes()).toEqual(['era modern']);
  });

  it('is spoken to as a legacy one where the configuration says so', async () => {
    const { cmd, notes } = modern();
    await using opened = open({ servers: { both: { cmd, era: 'legacy' } } });
    expect(textOf(await callTool(opened.upstream('both'), 'echo', { word: 'a' }))).toBe('["a",null]');
    expect(await notes()).toEqual(['era legacy']);
  });

  it('tells its changes, and hears of cancellations within 50 ms', async () => {
    const { cmd, notes } = modern();
    await using opened = open({ servers: { both: { cmd } } });
    const both = opened.upstream('both');
    await both.catalogue(caller());
    const changes: string[] = [];
    both.onChange((change) => changes.push(change.kind === 'resource' ? change.uri : change.kind));
    await callTool(both, 'grow');
    await eventually(() => changes.includes('tools'));
    expect(await toolNames(both)).toContain('grown');

    const stop = await both.subscribe('test://one', caller());
    await eventually(async () => {
      await both.request('resources/read', { uri: 'test://one' }, context());
      return changes.includes('test://one');
    });
    stop();

    let calls = 0;
    const took = await leastUntil(50, async () => {
      const leaving = new AbortController();
      const call = callTool(both, 'hang', {}, { signal: leaving.signal });
      calls++;
      const noted = async (start: string) => (await notes()).filter((line) => line.startsWith(start));
      await eventually(async () => (await noted('hang')).length === calls);
      const left = Date.now();
      leaving.abort();
      await expect(call).rejects.toMatchObject({ code: -32603 });
      const aborted = await eventually(async () => (await noted('aborted '))[calls - 1]);
      return Number(aborted.split(' ')[1]) - left;
    });
    expect(took).toBeLessThanOrEqual(50);
  });
});

describe('programs that misbehave', () => {
  it.each(['garbage', 'long-line', 'stderr-flood', 'exit-on-probe', 'circular-cursor'])(
    'lives with %s',
    async (fault) => {
      await using opened = open({ servers: { bad: { cmd: hostile(fault).cmd, stderr: 'pipe' } } });
      const bad = opened.upstream('bad');
      expect(await toolNames(bad)).toContain('echo');
      expect(textOf(await callTool(bad, 'echo', { a: 1 }))).toBe('{"a":1}');
    },
  );

  it('takes a program that ignores the first question for a legacy one', async () => {
    const { cmd, notes } = hostile('silent-probe');
    await using opened = open({ servers: { bad: { cmd } } });
    expect(await toolNames(opened.upstream('bad'))).toContain('echo');
    expect(pidsIn(await notes(), 'start')).toHaveLength(1);
  });

  it.each([
    ['a command that does not exist', { cmd: ['/no/such/program'] }, /cannot be run \(ENOENT\)/],
    [
      'a directory that does not exist',
      { cmd: [process.execPath], cwd: '/no/such/directory' },
      /directory does not exist/,
    ],
    ['a program that prints and leaves', { cmd: ['echo', 'hello'] }, /ended with code 0/],
    ['a program that leaves at once', { cmd: [process.execPath, HOSTILE, 'exit'] }, /ended with code 3/],
    ['a server of an unknown revision', { cmd: [process.execPath, HOSTILE, 'odd-version'] }, /no known revision/],
  ])('goes on without %s', async (_, server, problem) => {
    await using opened = open({ servers: { bad: server, good: { cmd: hostile('none').cmd } } });
    const [bad, good] = [opened.upstream('bad'), opened.upstream('good')];
    expect(await toolNames(good)).toContain('echo');
    expect(await toolNames(bad)).toEqual([]);
    expect(bad.state).toBe('down');
    expect(bad.problem).toMatch(problem);
    await expect(callTool(bad, 'echo')).rejects.toMatchObject({ code: -32603 });
    expect(textOf(await callTool(good, 'echo', {}))).toBe('{}');
  });

  it('does not wait longer than the start timeout for one that hangs, and starts it again', async () => {
    const { cmd, notes } = hostile('hang');
    await using opened = open({
      servers: { slow: { cmd, startTimeout: '300ms' }, good: { cmd: hostile('none').cmd } },
    });
    const slow = opened.upstream('slow');
    const began = performance.now();
    expect(await toolNames(slow)).toEqual([]);
    expect(performance.now() - began).toBeLessThan(500);
    expect(slow.state).toBe('starting');
    await expect(callTool(slow, 'echo')).rejects.toMatchObject({
      code: -32603,
      message: expect.stringContaining('still starting'),
    });
    expect(await toolNames(opened.upstream('good'))).toContain('echo');
    await eventually(() => slow.state === 'down');
    await eventually(async () => pidsIn(await notes(), 'start').length >= 2);
  });

  it('fails the calls of a server that ends, and has it back for the next', async () => {
    const { cmd, notes } = hostile('none');
    await using opened = open({ servers: { bad: { cmd }, good: { cmd: hostile('none').cmd } } });
    const [bad, good] = [opened.upstream('bad'), opened.upstream('good')];
    const states: string[] = [];
    await bad.catalogue(caller());
    bad.onChange(({ kind }) => kind === 'state' && states.push(bad.state));
    const hanging = callTool(bad, 'hang');
    await eventually(async () => (await notes()).includes('request tools/call'));
    await expect(callTool(bad, 'die')).rejects.toMatchObject({ code: -32603 });
    await expect(hanging).rejects.toMatchObject({ code: -32603 });
    // What it offered stays listed while it is away.
    expect(await toolNames(bad)).toContain('echo');
    expect(textOf(await callTool(good, 'echo', {}))).toBe('{}');
    expect(textOf(await callTool(bad, 'echo', { again: true }))).toBe('{"again":true}');
    expect(states).toEqual(['down', 'ready']);
    expect((await notes()).filter((line) => line === 'request tools/call')).toHaveLength(3);
  });

  it('repeats only calls that may be repeated', async () => {
    const { cmd, notes } = hostile('none');
    await using opened = open({ servers: { bad: { cmd } } });
    const bad = opened.upstream('bad');
    await expect(callTool(bad, 'die-readonly')).rejects.toMatchObject({ code: -32603 });
    expect((await notes()).filter((line) => line === 'request tools/call')).toHaveLength(2);
  });

  it.each(['ignore-sigterm', 'grandchild'])(
    'leaves nothing behind after %s',
    async (fault) => {
      const { cmd, notes } = hostile(fault);
      const opened = open({ servers: { bad: { cmd } } });
      expect(await toolNames(opened.upstream('bad'))).toContain('echo');
      const pids = [...pidsIn(await notes(), 'start'), ...pidsIn(await notes(), 'grandchild')];
      expect(pids).toHaveLength(fault === 'grandchild' ? 2 : 1);
      const began = performance.now();
      await opened[Symbol.asyncDispose]();
      expect(performance.now() - began).toBeLessThan(7000);
      await eventually(() => pids.every((pid) => !isAlive(pid) || isZombie(pid)));
      expect(opened.upstream('bad').state).toBe('closed');
      const told = await notes();
      expect(told).toContain('eof');
      if (fault === 'ignore-sigterm') expect(told).toContain('SIGTERM');
    },
    30_000,
  );

  it('ends what a server that ends has left behind', async () => {
    const { cmd, notes } = hostile('grandchild');
    await using opened = open({ servers: { bad: { cmd } } });
    const bad = opened.upstream('bad');
    await expect(callTool(bad, 'die')).rejects.toMatchObject({ code: -32603 });
    const [grandchild] = pidsIn(await notes(), 'grandchild');
    await eventually(() => grandchild !== undefined && (!isAlive(grandchild) || isZombie(grandchild)));
  });
});

describe('what a program gets and says', () => {
  it('gets harmless variables and its own, and no secret of this process', async () => {
    process.env['NEXUS_TEST_SECRET'] = 'hidden';
    try {
      const { cmd } = hostile('none');
      await using opened = open({
        servers: { bare: { cmd, env: { OWN: 'ünï', EMPTY: '' } }, all: { cmd, inheritEnv: true } },
      });
      const bare = JSON.parse(textOf(await callTool(opened.upstream('bare'), 'env')));
      expect(bare).toMatchObject({ OWN: 'ünï', EMPTY: '', PATH: process.env['PATH'] });
      expect(bare).not.toHaveProperty('NEXUS_TEST_SECRET');
      const all = JSON.parse(textOf(await callTool(opened.upstream('all'), 'env')));
      expect(all).toHaveProperty('NEXUS_TEST_SECRET', 'hidden');
    } finally {
      delete process.env['NEXUS_TEST_SECRET'];
    }
  });

  it('logs what it writes to its standard error, bounded and without secrets', async () => {
    const { cmd } = hostile('stderr-flood');
    await using opened = open({ servers: { loud: { cmd, stderr: 'pipe', env: { SECRET_KEY: 'open-sesame' } } } });
    await toolNames(opened.upstream('loud'));
    const lines = await eventually(() => {
      const found = opened.log.filter(({ message }) => message === 'An MCP server writes');
      return found.length >= 200 && found;
    });
    expect(lines[0]?.fields).toEqual({ server: 'loud', line: 'using key [redacted] and [redacted]' });
    expect(lines.length).toBeLessThan(1000);
    expect(JSON.stringify(opened.log)).not.toContain('open-sesame');
  });

  it('appends it to a file', async () => {
    const file = join(directory, 'stderr.log');
    await writeFile(file, 'before\n');
    const { cmd } = hostile('stderr-flood');
    await using opened = open({ servers: { loud: { cmd, stderr: { file }, env: { SECRET_KEY: 'open-sesame' } } } });
    await toolNames(opened.upstream('loud'));
    const text = await eventually(async () => {
      const found = await readFile(file, 'utf8');
      return found.includes('line 1 ') && found;
    });
    expect(text.startsWith('before\nusing key [redacted]')).toBe(true);
  });

  it('does without a file that cannot be written', async () => {
    const { cmd } = hostile('stderr-flood');
    await using opened = open({ servers: { loud: { cmd, stderr: { file: '/no/such/directory/log' } } } });
    expect(await toolNames(opened.upstream('loud'))).toContain('echo');
    await eventually(() => opened.log.some(({ message }) => message.includes('cannot be written')));
  });
});

/** Dead, and only not buried: what a test machine without an init process leaves. */
function isZombie(pid: number): boolean {
  try {
    const { readFileSync } = process.getBuiltinModule('node:fs');
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
