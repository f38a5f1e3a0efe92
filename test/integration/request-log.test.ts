import { createNexus, type NexusConfig, type NexusOptions } from 'nexus-ai';
import { describe, expect, it, vi } from 'vitest';
import { runServe } from '../../src/cli/serve.ts';
import { bothVendors } from '../support/doors.ts';
import { openFileProvider } from '../support/file-provider.ts';
import { postModern } from '../support/mcp-post.ts';
import { Folder, TestConsole } from '../support/test-console.ts';

type Line = readonly [level: string, message: string, fields: Readonly<Record<string, unknown>> | undefined];

const { provider, closers } = await openFileProvider();

function open(more: Partial<NexusConfig>, options: NexusOptions = {}) {
  const lines: Line[] = [];
  const at = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) =>
    lines.push([level, message, fields]);
  const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const nexus = createNexus({ ...bothVendors(provider.url), ...more }, { logger, ...options });
  closers.push(() => nexus.close());
  return { nexus, lines };
}

const ask = (nexus: ReturnType<typeof createNexus>, body: object, headers: Record<string, string> = {}) =>
  nexus
    .fetch('http://nexus/llm/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'the prompt' }], ...body }),
    })
    .then((response) => response.text());

const ON = { telemetry: { logs: { requests: true } } };

describe('nexus serve', () => {
  it.each([
    ['json', /^\{"time":"\d{4}-\d\d-\d\dT[\d:.]+Z","level":"info","message":"Request answered",.*"status":200.*\}$/m],
    ['text', /^\d{4}-\d\d-\d\dT[\d:.]+Z {2}INFO Request answered requestId=\S+ .*status=200 .*model=gpt-5 .*$/m],
  ])('writes %s lines to its error stream, in UTC and without colours where nobody looks', async (format, line) => {
    const folder = new Folder();
    const file = folder.file(
      `telemetry = { logs = { requests = true, format = "${format}" } }\n[llm.providers.openai]\ntype = "openai"\napi_key = "sk-any"\nbase_url = "${provider.url}/v1"\n`,
    );
    const console = new TestConsole();
    const status = runServe(file, { text: '127.0.0.1:0', from: 'test' }, console);
    try {
      const url = await console.ready;
      const body = JSON.stringify({ model: 'openai/gpt-5', messages: [{ role: 'user', content: 'hi' }] });
      const headers = { 'content-type': 'application/json' };
      await (await fetch(`${url}/llm/v1/chat/completions`, { method: 'POST', headers, body })).text();
      await expect.poll(() => console.err).toMatch(line);
      expect(console.err).not.toContain('\u001b');
    } finally {
      console.stop();
      await status;
      await folder.remove();
    }
  });
});

describe('the request log', () => {
  it('has a line for every request, with what it took', async () => {
    const { nexus, lines } = open(ON, { identify: () => ({ id: 'ann', group: 'red' }) });
    await ask(nexus, { model: 'openai/gpt-5', stream: true }, { 'x-nexus-request-id': 'mine' });
    await expect.poll(() => lines.length).toBe(1);
    expect(lines).toEqual([
      [
        'info',
        'Request answered',
        {
          requestId: 'mine',
          endpoint: 'openai.chat.completions',
          status: 200,
          client: 'ann',
          group: 'red',
          provider: 'openai',
          model: 'gpt-5',
          stream: true,
          inputTokens: expect.any(Number),
          outputTokens: expect.any(Number),
          usage: 'reported',
          costUsd: expect.any(Number),
          firstContentMs: expect.any(Number),
          durationMs: expect.any(Number),
          attempts: 1,
        },
      ],
    ]);
  });

  it('says error of what is not the caller’s fault, also inside a stream, and info of the rest', async () => {
    const { nexus, lines } = open(ON);
    await ask(nexus, { model: 'nobody/x' });
    provider.script([
      { times: 1, reply: { error: { status: 500, message: 'no' } } },
      { times: 1, reply: { text: 'a long answer that breaks', fault: 'reset', after: 2 } },
    ]);
    await ask(nexus, { model: 'openai/gpt-5' });
    await ask(nexus, { model: 'openai/gpt-5', stream: true });
    await expect.poll(() => lines.length).toBe(3);
    expect(lines.map(([level, message, fields]) => [level, message, fields?.['status'], fields?.['error']])).toEqual([
      ['info', 'Request not answered', 404, 'model_not_found'],
      ['error', 'Request failed', 500, 'upstream_failed'],
      ['error', 'Request failed', 200, expect.stringMatching(/^(stream_truncated|upstream_unavailable)$/)],
    ]);
  });

  it('names tools that were called, and not their arguments', async () => {
    const { nexus, lines } = open(ON, { tools: { add: { description: 'Adds', run: () => 3 } } });
    const call = { name: 'execute', arguments: { name: 'local__add', arguments: { secret: 'argument' } } };
    const fetched = vi.spyOn(globalThis, 'fetch').mockImplementation(nexus.fetch as typeof fetch);
    try {
      await postModern('http://nexus/mcp', 'tools/call', call);
    } finally {
      fetched.mockRestore();
    }
    await expect.poll(() => lines.length).toBe(1);
    expect(lines[0]?.[2]).toMatchObject({ endpoint: 'mcp', status: 200, operations: ['tools/call local/add'] });
    expect(JSON.stringify(lines)).not.toContain('argument');
  });

  it('has a line for tools that code of the process calls', async () => {
    const { nexus, lines } = open(ON, { tools: { add: { description: 'Adds', run: () => 3 } } });
    await nexus.as({ id: 'ann' }).mcp.execute('local__add', { secret: 'argument' });
    await expect.poll(() => lines.length).toBe(1);
    expect(lines[0]?.[2]).toMatchObject({ endpoint: 'mcp', client: 'ann', operations: ['tools/call local/add'] });
    expect(JSON.stringify(lines)).not.toContain('argument');
  });

  it('leaves out those who watch over the process', async () => {
    const { nexus, lines } = open({ telemetry: { logs: { requests: true }, status: { enabled: true, public: true } } });
    for (const path of ['/health', '/health/ready', '/status']) await nexus.fetch(`http://nexus${path}`);
    await ask(nexus, { model: 'openai/gpt-5' });
    await expect.poll(() => lines.length).toBe(1);
  });

  it('is off unless it is switched on', async () => {
    const { nexus, lines } = open({ telemetry: { logs: { format: 'json' } } });
    await ask(nexus, { model: 'openai/gpt-5' });
    await nexus.close();
    expect(lines).toEqual([]);
  });

  it('goes to the error stream as configured where the application brings no logger', async () => {
    const written: string[] = [];
    const console = vi.spyOn(globalThis.console, 'error').mockImplementation((text: string) => void written.push(text));
    try {
      const config = { ...bothVendors(provider.url), telemetry: { logs: { requests: true, format: 'json' as const } } };
      const nexus = createNexus(config);
      await ask(nexus, { model: 'openai/gpt-5' });
      await nexus.close();
    } finally {
      console.mockRestore();
    }
    expect(written.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: 'info', message: 'Request answered', model: 'gpt-5', status: 200 }),
    ]);
  });

  it('costs no request when the logger throws', async () => {
    const broken = () => {
      throw new Error('full disk');
    };
    const logger = { debug: broken, info: broken, warn: broken, error: broken };
    const { nexus } = open(ON, { logger });
    expect(await ask(nexus, { model: 'openai/gpt-5' })).toContain('choices');
    expect(await ask(nexus, { model: 'openai/gpt-5' })).toContain('choices');
  });
});
