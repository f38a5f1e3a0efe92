/*
 * Many callers, callers that vanish, and a server that dies again and again: nothing is mixed up and nothing is left.
 */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { MODERN } from '../../src/core/mcp/wire/revision.ts';
import { systemRuntime } from '../../src/core/runtime/runtime.ts';
import { type ServedGateway, serveGateway } from '../support/mcp-gateway.ts';
import { serveLegacy } from '../support/mcp-http-servers.ts';
import { MODERN_META } from '../support/mcp-post.ts';
import { eventually, open } from '../support/mcp-upstreams.ts';

const FIXTURES = 'test/fixtures/mcp';

interface Message {
  readonly id?: unknown;
  readonly result?: { readonly content?: readonly { readonly text?: string }[] };
}

interface Answer {
  readonly status: number;
  readonly session: string | undefined;
  readonly messages: readonly Message[];
  /** The last one. */
  readonly body: Message;
}

const closers: (() => Promise<unknown>)[] = [];

/** Of Node: a leak of listeners is told as one. */
const warnings: string[] = [];
const onWarning = ({ message }: Error): void => void warnings.push(message);
beforeAll(() => void process.on('warning', onWarning));
afterAll(() => {
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});

afterEach(async () => {
  vi.useRealTimers();
  for (const close of closers.splice(0).reverse()) await close();
});

/** A client of one era on connections of its own; of a legacy one, `open` comes first. */
class TestClient {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });
  #session: string | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  async open(capabilities: object = {}): Promise<string> {
    const params = { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'test', version: '1' } };
    const { session } = await this.post('initialize', params, 0);
    if (session === undefined) throw new Error('No session was opened');
    this.#session = session;
    return session;
  }

  execute(name: string, args: object, id: number): Promise<Answer> {
    return this.post('tools/call', { name: 'execute', arguments: { name, arguments: args } }, id);
  }

  /** Several calls at once: of a session in one body, which its revisions allow, else each by itself. */
  async executeAll(name: string, calls: readonly { id: number; args: object }[]): Promise<readonly Message[]> {
    const messages = calls.map(({ id, args }) => {
      const params = { name: 'execute', arguments: { name, arguments: args } };
      return { jsonrpc: '2.0', id, method: 'tools/call', params };
    });
    if (this.#session !== undefined) {
      return (await this.#send(messages, { 'mcp-session-id': this.#session })).messages;
    }
    const answers = await Promise.all(messages.map(({ method, params, id }) => this.post(method, params, id)));
    return answers.map(({ body }) => body);
  }

  post(method: string, params: object, id: number, session = this.#session): Promise<Answer> {
    const isLegacy = session !== undefined || method === 'initialize';
    const sent = isLegacy ? params : { ...params, _meta: MODERN_META };
    const name = 'name' in params ? String(params.name) : undefined;
    const headers = {
      ...(session === undefined ? {} : { 'mcp-session-id': session }),
      ...(isLegacy ? {} : { 'mcp-protocol-version': MODERN, 'mcp-method': method }),
      ...(isLegacy || name === undefined ? {} : { 'mcp-name': name }),
    };
    return this.#send({ jsonrpc: '2.0', id, method, params: sent }, headers);
  }

  #send(body: object, more: Record<string, string>): Promise<Answer> {
    const accept = 'application/json, text/event-stream';
    const headers = { accept, 'content-type': 'application/json', ...more };
    return new Promise((resolve, reject) => {
      const sending = request(this.#url, { method: 'POST', agent: this.#agent, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.once('error', reject);
        response.once('end', () => {
          const session = response.headers['mcp-session-id'];
          const messages = messagesOf(text);
          resolve({
            status: response.statusCode ?? 0,
            session: typeof session === 'string' ? session : undefined,
            messages,
            body: messages.at(-1) ?? {},
          });
        });
      });
      sending.once('error', reject);
      sending.end(JSON.stringify(body));
    });
  }

  /** Opens the stream for what belongs to no call; it ends with the client. */
  listen(): Promise<void> {
    const headers = { accept: 'text/event-stream', 'mcp-session-id': this.#session ?? '' };
    return new Promise((resolve, reject) => {
      const listening = request(this.#url, { agent: this.#agent, headers }, (response) => {
        response.on('error', () => {});
        response.resume();
        resolve();
      });
      // Leaving breaks the stream, which is what it is there for.
      listening.on('error', reject);
      listening.end();
    });
  }

  /** Leaves without a word. */
  vanish(): void {
    this.#agent.destroy();
  }
}

/** Of a body that is JSON, or an event stream. */
function messagesOf(text: string): Message[] {
  if (text.startsWith('{')) return [JSON.parse(text)];
  return text.split('\n').flatMap((line) => (line.startsWith('data: {') ? [JSON.parse(line.slice(6))] : []));
}

async function served(mcp: Parameters<typeof open>[0], runtime = systemRuntime): Promise<ServedGateway> {
  const opened = open(mcp, { runtime });
  const upstreams = Object.keys(mcp?.servers ?? {}).map((name) => opened.upstream(name));
  const gateway = await serveGateway(upstreams, { runtime, ...(mcp === undefined ? {} : { config: mcp }) });
  closers.push(() => gateway.close());
  return gateway;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('64 clients with 500 calls each, all with the same ids', () => {
  it('mixes up none of them', async () => {
    const { url } = await served({ servers: { echoing: { cmd: [process.execPath, `${FIXTURES}/shuffling.mjs`] } } });
    const clients = Array.from({ length: 64 }, () => new TestClient(url));
    const wrong = await Promise.all(
      clients.map(async (client, who) => {
        if (who % 4 !== 0) await client.open();
        const answered = new Set<number>();
        for (let from = 1; from <= 500; from += 25) {
          const ids = Array.from({ length: 25 }, (_, index) => from + index);
          const answers = await client.executeAll(
            'echoing__echo',
            ids.map((id) => ({ id, args: { who, id } })),
          );
          for (const { id, result } of answers) {
            if (result?.content?.[0]?.text === JSON.stringify({ who, id })) answered.add(Number(id));
          }
        }
        client.vanish();
        return 500 - answered.size;
      }),
    );
    expect(wrong).toHaveLength(64);
    expect(wrong.reduce((sum, each) => sum + each, 0)).toBe(0);
  }, 120_000);
});

describe('32 calls of one request', () => {
  it('are answered in their order', async () => {
    const { url } = await served({ servers: { echoing: { cmd: [process.execPath, `${FIXTURES}/shuffling.mjs`] } } });
    const client = new TestClient(url);
    const calls = Array.from({ length: 32 }, (_, n) => ({ name: 'echoing__echo', arguments: { n } }));
    const { body } = await client.post('tools/call', { name: 'execute', arguments: { calls } }, 1);
    const texts = body.result?.content?.map((item) => item.text).filter((_, index) => index % 2 === 1);
    expect(texts).toEqual(calls.map((call) => JSON.stringify(call.arguments)));
    client.vanish();
  });
});

describe('1,000 sessions that are opened and abandoned', () => {
  it('leave no memory, no handle, and no connection to a server behind', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    let skipped = 0;
    const runtime = { ...systemRuntime, elapsed: () => systemRuntime.elapsed() + skipped };
    const legacy = await serveLegacy(() => {
      const server = new McpServer({ name: 'far', version: '1' });
      server.registerTool('hello', {}, () => ({ content: [{ type: 'text', text: 'hello' }] }));
      return server;
    });
    closers.push(async () => legacy[Symbol.asyncDispose]());
    const { url } = await served({ servers: { far: { url: `${legacy.origin}/mcp`, era: 'legacy' } } }, runtime);
    const later = (milliseconds: number): void => {
      skipped += milliseconds;
      vi.advanceTimersByTime(60_000);
    };

    /** One in ten can be asked something, and so has a connection to the server that is its own. */
    const abandon = async (sessions: number): Promise<string[]> => {
      const ids: string[] = [];
      for (let from = 0; from < sessions; from += 50) {
        const opened = Array.from({ length: 50 }, async (_, index) => {
          const client = new TestClient(url);
          ids.push(await client.open(index % 10 === 0 ? { elicitation: {} } : {}));
          await client.listen();
          if (index % 10 === 0) {
            const { body } = await client.execute('far__hello', {}, 1);
            expect(body.result?.content).toEqual([{ type: 'text', text: 'hello' }]);
          }
          client.vanish();
        });
        await Promise.all(opened);
      }
      legacy.seen.length = 0;
      return ids;
    };
    const isForgotten = async (id: string): Promise<boolean> => {
      const client = new TestClient(url);
      const { status } = await client.post('ping', {}, 1, id);
      client.vanish();
      return status === 404;
    };

    // What the first ones leave belongs to code that is loaded and caches that are warm.
    await abandon(100);
    later(40 * 60_000);
    await eventually(() => legacy.sessions() === 1);
    const before = await settledUse();

    const ids = await abandon(1000);
    expect(legacy.sessions()).toBe(101);
    expect(await isForgotten(ids[0] ?? '')).toBe(false);
    const held = collectedHeap();
    later(20 * 60_000);
    // Idle connections to the server go before the sessions they were made for.
    await eventually(() => legacy.sessions() === 1);
    expect(await isForgotten(ids[1] ?? '')).toBe(false);
    later(40 * 60_000);
    expect(await Promise.all(ids.slice(0, 50).map(isForgotten))).not.toContain(false);
    legacy.seen.length = 0;
    const after = await settledUse(before.handles);
    expect(after.handles).toBeLessThanOrEqual(before.handles);
    // While they last they cost something, so this can tell whether it comes back.
    expect(held - before.heap).toBeGreaterThan(1024 * 1024);
    expect(after.heap - before.heap).toBeLessThan((held - before.heap) / 4);
  }, 120_000);
});

describe('a program that is killed again and again', () => {
  it('costs the others no call and leaves no process behind', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'mcp-endurance-'));
    closers.push(() => rm(directory, { recursive: true }));
    const notes = async (name: string): Promise<string[]> =>
      (await readFile(join(directory, name), 'utf8').catch(() => '')).split('\n');
    const pids = async (name: string, word: string): Promise<number[]> =>
      (await notes(name)).filter((line) => line.startsWith(`${word} `)).map((line) => Number(line.split(' ')[1]));
    const program = (name: string, fault: string) => ({
      cmd: [process.execPath, `${FIXTURES}/hostile.mjs`, fault, join(directory, name)],
    });
    const gateway = await served({
      servers: {
        first: program('first', 'none'),
        victim: program('victim', 'grandchild'),
        last: program('last', 'none'),
      },
    });
    const client = new TestClient(gateway.url);
    await client.open();

    let killing = true;
    const failures: unknown[] = [];
    let calls = 0;
    const keepCalling = async (server: string): Promise<void> => {
      while (killing) {
        const payload = { call: calls++ };
        const { body } = await client.execute(`${server}__echo`, payload, calls);
        if (body.result?.content?.[0]?.text !== JSON.stringify(payload)) failures.push(body);
      }
    };
    const others = ['first', 'first', 'last', 'last'].map(keepCalling);
    /** Its own calls may fail, but bring it back. */
    const victims = (async () => {
      while (killing) await client.execute('victim__echo', {}, 0);
    })();
    const killed = new Set<number>();
    while (killed.size < 8) {
      const pid = await eventually(async () =>
        (await pids('victim', 'start')).find((one) => !killed.has(one) && isAlive(one)),
      );
      killed.add(pid);
      process.kill(pid, 'SIGKILL');
    }
    killing = false;
    await Promise.all([...others, victims]);
    expect(failures).toEqual([]);
    expect(calls).toBeGreaterThan(8);
    // Once more by itself, then it is over for all of them.
    await eventually(
      async () => (await client.execute('victim__echo', { n: 1 }, 1)).body.result?.content !== undefined,
    );
    client.vanish();
    await gateway.close();
    const started = await Promise.all([
      pids('first', 'start'),
      pids('victim', 'start'),
      pids('victim', 'grandchild'),
      pids('last', 'start'),
    ]);
    expect(started[0]).toHaveLength(1);
    expect(started[3]).toHaveLength(1);
    expect(started[1].length).toBeGreaterThan(8);
    await eventually(() => !started.flat().some(isAlive));
  }, 120_000);
});

const garbageCollect: () => void = (() => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
})();

function collectedHeap(): number {
  garbageCollect();
  return process.memoryUsage().heapUsed;
}

/** Heap and handles, as soon as no more than `most` of these are left. */
async function settledUse(most = Number.POSITIVE_INFINITY): Promise<{ heap: number; handles: number }> {
  const sockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
  // Pools keep idle sockets for some seconds.
  await eventually(() => sockets() <= Math.min(most, 20), 15_000);
  return { heap: collectedHeap(), handles: sockets() };
}
