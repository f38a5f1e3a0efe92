// What is written down of MCP calls that come without HTTP, and of callers' tokens that go to servers.
import { Client } from '@modelcontextprotocol/client';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { createNexus, type Nexus, type NexusConfig, type NexusOptions, type RequestRecord } from 'nexus-ai';
import { afterEach, describe, expect, it } from 'vitest';
import { serveLegacy } from '../support/mcp-http-servers.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** The ids of requests that tools were told. */
let told: (string | undefined)[] = [];

const tools: NexusOptions['tools'] = {
  add: {
    description: 'Adds two numbers',
    input: { type: 'object', properties: { a: { type: 'number' } } },
    run: (_args, { requestId }) => {
      told.push(requestId);
      return 3;
    },
  },
  broken: { description: 'Does not work', run: () => ({ isError: true, content: [] }) },
  wait: {
    description: 'Waits until it is given up',
    run: (_args, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  },
};

function open(mcp: NonNullable<NexusConfig['mcp']> = {}, options: NexusOptions = {}): Nexus {
  told = [];
  const nexus = createNexus({ mcp }, { tools, ...options });
  closers.push(() => nexus.close());
  return nexus;
}

function recorded(mcp?: NonNullable<NexusConfig['mcp']>) {
  const records: RequestRecord[] = [];
  const nexus = open(mcp, { sinks: [(record) => void records.push(record)] });
  /** The records there are once `count` have come. */
  const seen = async (count: number): Promise<readonly RequestRecord[]> => {
    await expect.poll(() => records.length).toBe(count);
    return records;
  };
  return { nexus, seen };
}

const ann = { id: 'ann', group: 'blue' };

describe('nexus.mcp', () => {
  it('writes a record for each call: who, what, how long', async () => {
    const { nexus, seen } = recorded();
    const { mcp } = nexus.as(ann);
    await mcp.execute('local__add', { a: 1 });
    await mcp.search(['add', 'numbers']);
    await mcp.listTools();
    const [executed, searched, listed] = await seen(3);
    expect(executed).toMatchObject({
      id: told[0],
      endpoint: 'mcp',
      method: '',
      path: '',
      clientId: 'ann',
      clientGroup: 'blue',
      status: 200,
      error: undefined,
    });
    expect(executed?.id).toMatch(/\S/);
    expect(executed?.durationMs).toBeGreaterThan(0);
    const [call] = executed?.operations ?? [];
    expect(call).toMatchObject({
      method: 'tools/call',
      server: 'local',
      tool: 'add',
      toolType: 'downstream',
      isExecuted: true,
      errorCode: undefined,
      isToolError: false,
      forwarded: false,
    });
    expect(call?.durationMs).toBeLessThanOrEqual(executed?.durationMs ?? 0);
    expect(searched?.operations).toMatchObject([
      { method: 'tools/call', tool: 'search', toolType: 'builtin', keywordCount: 2, resultCount: 1 },
    ]);
    expect(listed?.operations).toMatchObject([{ method: 'tools/list', server: undefined }]);
  });

  it('says of a failure what its caller was told, and of a tool’s own that the tool failed', async () => {
    const { nexus, seen } = recorded();
    const { mcp } = nexus;
    await mcp.execute('local__broken');
    await mcp.execute('local__add', { a: 'x' }).catch(() => {});
    await mcp.execute('local__secret-name').catch(() => {});
    const [broken, refused, unknown] = await seen(3);
    expect(broken).toMatchObject({ status: 200, error: undefined, operations: [{ isToolError: true }] });
    expect(refused).toMatchObject({ status: 400, error: 'invalid_request', operations: [{ errorCode: -32602 }] });
    expect(unknown).toMatchObject({
      status: 404,
      error: 'tool_not_found',
      clientId: undefined,
      operations: [{ errorCode: -32601, tool: 'execute', toolType: 'builtin', server: undefined }],
    });
    expect(JSON.stringify(unknown)).not.toContain('secret-name');
  });

  it('calls a call that its caller has given up by that name', async () => {
    const { nexus, seen } = recorded();
    const controller = new AbortController();
    const call = nexus.mcp.execute('local__wait', {}, { signal: controller.signal });
    const ended = expect(call).rejects.toThrow('enough');
    controller.abort(new Error('enough'));
    await ended;
    expect(await seen(1)).toMatchObject([{ status: 499, error: 'client_closed' }]);
  });

  it('records what comes over a connection inside the process, request by request', async () => {
    const { nexus, seen } = recorded({ tools: 'all' });
    const client = new Client({ name: 'test', version: '1' });
    await client.connect((await nexus.as(ann).mcp.client()) as never);
    await client.callTool({ name: 'local__add', arguments: { a: 1 } });
    await client.callTool({ name: 'local__none', arguments: {} }).catch(() => {});
    const records = await seen(3);
    expect(records.map(({ clientId, endpoint, status }) => [clientId, endpoint, status])).toEqual(
      Array.from({ length: 3 }, () => ['ann', 'mcp', 200]),
    );
    expect(records.map(({ operations }) => operations.map(({ tool, errorCode }) => [tool, errorCode]))).toEqual([
      [],
      [['add', undefined]],
      [[undefined, -32601]],
    ]);
    expect(told).toEqual([records[1]?.id]);
    await client.close();
  });

  it('tells the configuration in force, also over a connection that is older', async () => {
    const { nexus, seen } = recorded({ tools: 'all' });
    const client = new Client({ name: 'test', version: '1' });
    await client.connect((await nexus.mcp.client()) as never);
    await seen(1);
    await nexus.reload({ mcp: { tools: 'all' }, telemetry: { prometheus: { enabled: true, public: true } } });
    await client.callTool({ name: 'local__add', arguments: {} });
    await nexus.mcp.execute('local__add');
    await seen(3);
    const text = await (await nexus.fetch('http://nexus/metrics')).text();
    expect(text).toContain('nexus_mcp_tool_calls_total{server="local",tool="add",outcome="success"} 2\n');
    expect(text).toMatch(/^nexus_requests_total\{endpoint="mcp",.*status="200"\} 2$/m);
    await client.close();
  });

  it('writes nothing where nobody reads it', async () => {
    const nexus = open();
    await nexus.mcp.execute('local__add');
    const stop = nexus.on('request', () => {});
    await nexus.mcp.execute('local__add');
    stop();
    await nexus.mcp.execute('local__add');
    expect(told.map((id) => id !== undefined)).toEqual([false, true, false]);
  });

  it('is not held up by a sink that fails', async () => {
    const nexus = open({}, { sinks: [() => Promise.reject(new Error('full'))], logger: SILENT });
    expect(await nexus.mcp.execute('local__add')).toMatchObject({ content: [{ text: '3' }] });
    await expect.poll(() => nexus.status().records.failed).toBe(1);
  });
});

describe('a caller’s token', () => {
  const far = () => {
    const server = new McpServer({ name: 'far', version: '1' });
    server.registerTool('now', { description: 'Tells the time' }, () => ({
      content: [{ type: 'text', text: 'noon' }],
    }));
    return server;
  };

  it.each([
    ['sent where it is forwarded', { auth: { type: 'forward' } }, true],
    ['not sent to a server with a token of its own', { auth: { type: 'token', token: 'ours' } }, false],
    [
      'not sent where a header stands in its place',
      { auth: { type: 'forward' }, headers: [{ rule: 'insert', name: 'Authorization', value: 'Basic ours' }] },
      false,
    ],
  ] as const)('is %s', async (_, settings, forwarded) => {
    const server = await serveLegacy(far);
    closers.push(async () => server[Symbol.asyncDispose]());
    const { nexus, seen } = recorded({ servers: { far: { url: server.origin, ...settings } as never } });
    await nexus.as({ ...ann, token: 'anns' }).mcp.execute('far__now');
    expect((await seen(1))[0]?.operations).toMatchObject([{ server: 'far', tool: 'now', forwarded }]);
    const call = server.seen.find(({ body }) => body?.method === 'tools/call');
    expect(call?.headers.authorization === 'Bearer anns').toBe(forwarded);
  });
});

const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
