/*
 * What requests leave behind: 100,000 of them, half streamed, a few with tools or given up by their client.
 *
 *   node --expose-gc bench/retained-heap.mjs [--requests=100000] [--warm-up=10000] [--connections=32]
 *
 * Provider and client are processes of their own, so that the heap is that of Nexus and of node:http alone. After the
 * warm-up and after every tenth of the rest the client pauses, garbage is collected, and a line is printed. Ends with 1
 * when more than 5 MiB have been retained, or when sockets, timers or listeners are more than after the warm-up.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const LIMIT_MIB = 5;
const QUESTION = 'Why is this sentence exactly as long as it is? '.repeat(9);

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    'warm-up': { type: 'string', default: '10000' },
    connections: { type: 'string', default: '32' },
    client: { type: 'string' },
  },
});
const connections = Number(values.connections);

if (values.client === undefined) await measure();
else await beClient(values.client);

async function measure() {
  if (globalThis.gc === undefined) throw new Error('run it with node --expose-gc');
  const { createNexus } = await import('nexus-ai');
  const { listen } = await import('nexus-ai/node');
  const provider = spawn(process.execPath, [fileURLToPath(new URL('provider.mjs', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [upstream] = await once(createInterface({ input: provider.stdout }), 'line');
  let records = 0;
  const account = { apiKey: 'bench', baseUrl: `${upstream}/v1` };
  const nexus = createNexus(
    {
      server: { rateLimits: { enabled: true, global: { limit: 1_000_000_000, interval: '1m' } } },
      llm: {
        discovery: { enabled: false },
        providers: { openai: { type: 'openai', ...account }, anthropic: { type: 'anthropic', ...account } },
        routes: { both: { targets: ['openai/bench', 'openai/other'] } },
      },
    },
    { sinks: [() => records++] },
  );
  const server = await listen(nexus, { port: 0 });
  const client = spawn(
    process.execPath,
    [fileURLToPath(import.meta.url), `--client=${server.url}`, `--connections=${connections}`],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const told = createInterface({ input: client.stdout })[Symbol.asyncIterator]();
  const send = async (count) => {
    const before = records;
    client.stdin.write(`${count}\n`);
    const { value } = await told.next();
    if (value !== 'done') throw new Error(`the client failed: ${value}`);
    while (records < before + count) await sleep(10);
  };

  const warmUp = Number(values['warm-up']);
  const total = Number(values.requests);
  await send(warmUp);
  const base = await state(server.server);
  console.log(line('warm-up', warmUp, base, base));
  let last = base;
  for (let part = 1; part <= 10; part++) {
    await send(Math.round(total / 10));
    last = await state(server.server);
    console.log(line('', Math.round((total / 10) * part), last, base));
  }
  client.stdin.end();
  await server.close({ drain: 0 });
  provider.kill();
  const grown = (last.heap - base.heap) / 2 ** 20;
  const more = ['sockets', 'timers', 'listeners'].filter((name) => last[name] > base[name]);
  console.log(
    `retained: ${grown.toFixed(2)} MiB (at most ${LIMIT_MIB}); more than before: ${more.join(', ') || 'nothing'}`,
  );
  process.exitCode = grown > LIMIT_MIB || more.length > 0 ? 1 : 0;
}

/** What is there while nothing is under way. */
async function state(server) {
  // The clock that watches calls stops a moment after the last of them, and sockets that were given up close.
  await sleep(500);
  for (let round = 0; round < 3; round++) {
    globalThis.gc();
    await sleep(20);
  }
  const resources = process.getActiveResourcesInfo();
  const count = (pattern) => resources.filter((kind) => pattern.test(kind)).length;
  const clients = await new Promise((resolve, reject) =>
    server.getConnections((error, number) => (error ? reject(error) : resolve(number))),
  );
  return {
    heap: process.memoryUsage().heapUsed,
    // Upstream connections: idle ones are kept, and there are never more than there were requests at once.
    sockets: Math.max(0, count(/^TCPSocketWrap$/) - clients - connections),
    timers: count(/^Timeout$/),
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
  };
}

function line(label, requests, now, base) {
  const heap = `${(now.heap / 2 ** 20).toFixed(2)} MiB (${((now.heap - base.heap) / 2 ** 20).toFixed(2)})`;
  return `${label.padEnd(8)}${String(requests).padStart(7)}  heap ${heap}  timers ${now.timers}  listeners ${now.listeners}`;
}

/** Reads how many requests to send, a number a line; answers `done`, or what went wrong. */
async function beClient(url) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  for await (const count of createInterface({ input: process.stdin })) {
    let left = Number(count);
    const one = async () => {
      while (left-- > 0) await call(agent, url, left);
    };
    try {
      await Promise.all(Array.from({ length: connections }, one));
      console.log('done');
    } catch (error) {
      console.log(error instanceof Error ? error.message : String(error));
    }
  }
  agent.destroy();
}

/** One of a mix: half streamed, a tenth translated, a tenth over a route, one of twenty streams given up. */
function call(agent, url, serial) {
  const stream = serial % 2 === 0;
  const model = serial % 10 === 3 ? 'anthropic/bench' : serial % 10 === 5 ? 'both' : 'openai/bench';
  const body = JSON.stringify({
    model,
    stream,
    max_tokens: 1000,
    messages: [{ role: 'user', content: `${serial} ${QUESTION}` }],
  });
  const leaves = stream && serial % 20 === 0;
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = http.request(`${url}/llm/v1/chat/completions`, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
        if (!leaves) return;
        request.destroy();
        resolve();
      });
      response.on('error', () => undefined);
      response.on('end', () => {
        const whole = stream ? text.includes('[DONE]') : text.includes('"choices"');
        if (response.statusCode === 200 && whole) resolve();
        else reject(new Error(`status ${response.statusCode}: ${text.slice(0, 200)}`));
      });
    });
    request.on('error', (error) => (leaves ? resolve() : reject(error)));
    request.end(body);
  });
}
