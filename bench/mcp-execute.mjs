/*
 * What Nexus adds to one tool call: `execute` on its /mcp against the same call made directly to the same
 * streamable-HTTP server, one call at a time, by the client of the MCP SDK.
 *
 *   node bench/mcp-execute.mjs [--calls=2000] [--launches=4]
 *
 * Every launch is four fresh processes (server, Nexus, a relay that hands bytes on and reads nothing, client). Within a
 * launch the client makes its calls in slices, each way in turn, and the order flips with every slice. Prints the median
 * of each way, what Nexus and what the relay adds to it, which is the least that a hop costs on the machine, and the CPU
 * time Nexus spent on a call; once for clients of 2026-07-28 and once for those that open with a handshake.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { createNexus } from 'nexus-ai';
import { listen } from 'nexus-ai/node';
import { Pool } from 'undici';
import * as z from 'zod';

const MODERN = '2026-07-28';
const WARM_UP = 400;
const SLICE = 100;
const DEADLINE_MS = 120_000;
/** Headers of one connection, and lengths that the next hop counts itself. */
const HOP = new Set(['host', 'connection', 'keep-alive', 'transfer-encoding', 'content-length']);
const numberOf = (name, usual) =>
  Number(process.argv.find((word) => word.startsWith(`--${name}=`))?.split('=')[1] ?? usual);

const ROLES = {
  /** A server of the SDK with one tool. */
  async server() {
    const handler = createMcpHandler(() => {
      const server = new McpServer({ name: 'bench', version: '1' });
      const inputSchema = z.object({ text: z.string() });
      server.registerTool('echo', { inputSchema }, ({ text }) => ({ content: [{ type: 'text', text }] }));
      return server;
    });
    const http = createServer(async (req, res) => {
      const chunks = [];
      for await (const chunk of req) chunks.push(chunk);
      const headers = new Headers();
      for (const [name, value] of Object.entries(req.headers)) if (typeof value === 'string') headers.set(name, value);
      const body = chunks.length > 0 ? Buffer.concat(chunks) : undefined;
      const url = `http://${req.headers.host}${req.url}`;
      const answer = await handler.fetch(new Request(url, { method: req.method, headers, body }));
      res.writeHead(answer.status, Object.fromEntries(answer.headers));
      if (answer.body !== null) for await (const chunk of answer.body) res.write(chunk);
      res.end();
    });
    await once(http.listen(0, '127.0.0.1'), 'listening');
    process.send(`http://127.0.0.1:${http.address().port}/mcp`);
  },

  async nexus(url) {
    const server = await listen(createNexus({ mcp: { servers: { far: { url } } } }), { port: 0 });
    process.on('message', () => process.send(process.cpuUsage()));
    process.send(`${server.url}/mcp`);
  },

  /** The least that stands between a client and a server: another process. */
  async relay(url) {
    const { origin, pathname } = new URL(url);
    const pool = new Pool(origin);
    const without = (headers, names) =>
      Object.fromEntries(Object.entries(headers).filter(([name]) => !names.has(name)));
    const http = createServer((req, res) => {
      const options = { path: pathname, method: req.method, headers: without(req.headers, HOP), body: req };
      pool
        .stream(options, ({ statusCode, headers }) => {
          res.writeHead(statusCode, without(headers, HOP));
          return res;
        })
        .catch(() => res.destroy());
    });
    await once(http.listen(0, '127.0.0.1'), 'listening');
    process.send(`http://127.0.0.1:${http.address().port}${pathname}`);
  },

  async client(era, direct, relayed, through, calls) {
    const connect = async (url) => {
      const mode = era === 'modern' ? { pin: MODERN } : 'legacy';
      const client = new Client({ name: 'bench', version: '1' }, { versionNegotiation: { mode } });
      await client.connect(new StreamableHTTPClientTransport(new URL(url)));
      return client;
    };
    const [near, behind, far] = await Promise.all([direct, relayed, through].map(connect));
    const params = { name: 'echo', arguments: { text: 'hello' } };
    const ways = [
      { name: 'direct', client: near, params, times: [] },
      { name: 'relay', client: behind, params, times: [] },
      {
        name: 'nexus',
        client: far,
        params: { name: 'execute', arguments: { name: 'far__echo', arguments: { text: 'hello' } } },
        times: [],
      },
    ];
    for (let slice = 0; slice * SLICE < WARM_UP + Number(calls); slice++) {
      for (const way of slice % 2 === 0 ? ways : ways.toReversed()) {
        for (let count = 0; count < SLICE; count++) way.times.push(await timed(way));
      }
    }
    process.send(Object.fromEntries(ways.map(({ name, times }) => [name, times.slice(WARM_UP)])));
    await Promise.all([near, behind, far].map((client) => client.close()));
  },
};

/** Milliseconds of one call, whose answer is checked. */
async function timed({ client, params }) {
  const began = performance.now();
  const result = await client.request({ method: 'tools/call', params }, z.looseObject({}));
  const took = performance.now() - began;
  if (result.content?.[0]?.text !== 'hello') throw new Error(`CONTENT CHECK FAILED: ${JSON.stringify(result)}`);
  return took;
}

/** A fresh process in a role; resolves with what it has to say. */
async function start(role, ...args) {
  const child = fork(fileURLToPath(import.meta.url), [`--role=${role}`, ...args.map(String)]);
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${role} ended with ${code}`);
  });
  ended.catch(() => {});
  const [said] = await Promise.race([once(child, 'message', { signal: AbortSignal.timeout(DEADLINE_MS) }), ended]);
  return { child, said };
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const milliseconds = (value) => value.toFixed(3).padStart(8);

/** Milliseconds of CPU of all threads since its start. */
async function cpuOf(child) {
  const said = once(child, 'message', { signal: AbortSignal.timeout(DEADLINE_MS) });
  child.send('cpu');
  const [{ user, system }] = await said;
  return (user + system) / 1000;
}

async function launch(era, calls) {
  const children = [];
  try {
    const server = await start('server');
    children.push(server.child);
    const relay = await start('relay', server.said);
    children.push(relay.child);
    const nexus = await start('nexus', server.said);
    children.push(nexus.child);
    // The first client warms everything up; what the second one adds is calls.
    for (const times of [WARM_UP, calls]) {
      const before = await cpuOf(nexus.child);
      const client = await start('client', era, server.said, relay.said, nexus.said, times);
      children.push(client.child);
      if (times === calls) return { ...client.said, cpu: (await cpuOf(nexus.child)) - before };
    }
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

async function main() {
  const calls = numberOf('calls', 2000);
  console.log(`${calls} calls each way per launch, milliseconds`);
  console.log('era      launch     direct     relay     nexus     relay adds  nexus adds  CPU of Nexus');
  for (const era of ['modern', 'legacy']) {
    const all = { direct: [], relay: [], nexus: [], cpu: 0 };
    const row = (name, times, launches = 1) => {
      const [direct, relay, nexus] = [times.direct, times.relay, times.nexus].map(median);
      const cells = [direct, relay, nexus, relay - direct, nexus - direct, times.cpu / launches / (WARM_UP + calls)];
      console.log(`${era.padEnd(9)}${name.padEnd(9)}${cells.map(milliseconds).join('  ')}`);
    };
    const launches = numberOf('launches', 4);
    for (let count = 1; count <= launches; count++) {
      const times = await launch(era, calls);
      row(String(count), times);
      for (const way of ['direct', 'relay', 'nexus']) all[way].push(...times[way]);
      all.cpu += times.cpu;
    }
    row('all', all, launches);
  }
}

const role = process.argv[2]?.startsWith('--role=') ? process.argv[2].slice(7) : undefined;
await (role === undefined ? main() : ROLES[role](...process.argv.slice(3)));
