// Compares Nexus with the least a router can do on Node, by CPU time per request on loopback. Linux only.
//
//   npm run build && node bench/run.mjs [--launches=3] [--rounds=8] [--scenarios=chat-1k,sse-100,xlate-1k] [--check]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    launches: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '8' },
    scenarios: { type: 'string', default: 'chat-1k,sse-100,xlate-1k' },
    check: { type: 'boolean', default: false },
  },
});
const launches = Number(values.launches);
const rounds = Number(values.rounds);

/** Contestant → what it is measured against, unless a scenario says otherwise. */
const TARGETS = { limit: 'limit', nexus: 'limit' };
const CHAT = { requests: 800, connections: 32, model: 'openai/bench', stream: false };
/** `most`: the ratio above which `--check` fails. Machines that others use as well read some 15 % high at times. */
const SCENARIOS = {
  'chat-1k': { ...CHAT, most: { nexus: 1.8 } },
  'sse-100': { requests: 64, connections: 16, model: 'openai/bench', stream: true, most: { nexus: 1.6 } },
  // OpenAI in, Anthropic out. The limit does not translate: it relays the same call in Anthropic's own dialect.
  'xlate-1k': { ...CHAT, model: 'anthropic/bench', limitPath: '/v1/messages', most: { nexus: 2 } },
  // Mounted in frameworks, next to the limit mounted there.
  'hosts-1k': {
    ...CHAT,
    targets: {
      'limit-express': 'limit-express',
      'nexus-express': 'limit-express',
      'limit-koa': 'limit-koa',
      'nexus-koa': 'limit-koa',
    },
  },
  // What limits and telemetry cost.
  'policies-1k': { ...CHAT, targets: { nexus: 'nexus', 'nexus-counted': 'nexus', 'nexus-observed': 'nexus' } },
  // The same call to the same provider: named directly, by another name, by a route of one target, by a weighted one of two.
  'route-1k': {
    ...CHAT,
    targets: {
      'nexus-direct': 'nexus-direct',
      'nexus-direct-alias': 'nexus-direct',
      'nexus-route-1': 'nexus-direct-alias',
      'nexus-route-2': 'nexus-direct-alias',
    },
    models: { 'nexus-direct-alias': 'openai/alias', 'nexus-route-1': 'one', 'nexus-route-2': 'two' },
  },
};

const question = 'Why is this sentence exactly as long as it is? '.repeat(9);

const children = [];
process.once('exit', () => {
  for (const child of children) child.kill();
});

async function start(script, args, environment) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const env = { ...process.env, NODE_ENV: 'production', ...environment };
  // Its log has a line for each request.
  const errors = args.includes('nexus-observed') ? 'ignore' : 'inherit';
  const child = spawn(process.execPath, [path, ...args], { env, stdio: ['ignore', 'pipe', errors] });
  children.push(child);
  const [url] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, url };
}

/** Nanoseconds of CPU that all threads of a process have used. */
function cpuTime(pid) {
  let total = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    total += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
  }
  return total;
}

function callOf(target, scenario) {
  const nexus = target.name.startsWith('nexus');
  const path = nexus ? '/llm/v1/chat/completions' : (scenario.limitPath ?? '/v1/chat/completions');
  const body = JSON.stringify({
    model: nexus ? (scenario.models?.[target.name] ?? scenario.model) : 'bench',
    max_tokens: 1000,
    messages: [{ role: 'user', content: question }],
    ...(scenario.stream && { stream: true }),
  });
  return { url: new URL(path, target.url), body };
}

/** Sends one request and fails unless the answer is complete. */
function send(agent, { url, body }, scenario) {
  return new Promise((resolve, reject) => {
    const length = Buffer.byteLength(body);
    const headers = { 'content-type': 'application/json', 'content-length': length, 'x-client': 'bench' };
    const request = http.request(url, { method: 'POST', agent, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const complete = scenario.stream
          ? text.split('"word').length === 101 && text.includes('[DONE]')
          : text.includes('All work and no play') && text.endsWith('}');
        if (response.statusCode === 200 && complete) resolve();
        else reject(new Error(`${url}: CONTENT CHECK FAILED (${response.statusCode}): ${text.slice(0, 300)}`));
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** CPU microseconds per request of one slice. */
async function measureSlice(target, scenario) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: scenario.connections });
  const call = callOf(target, scenario);
  const before = cpuTime(target.child.pid);
  await Promise.all(Array.from({ length: scenario.requests }, () => send(agent, call, scenario)));
  const used = cpuTime(target.child.pid) - before;
  agent.destroy();
  return used / 1000 / scenario.requests;
}

function quantile(numbers, share) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * share)];
}

/** Fresh processes, all contestants in turn, the order flipped every round; the 20th percentile of each. */
async function launch(scenario) {
  const provider = await start('provider.mjs', [], {});
  const targets = [];
  for (const name of Object.keys(scenario.targets ?? TARGETS)) {
    const started = await start('target.mjs', [name], { UPSTREAM: provider.url });
    targets.push({ name, ...started, slices: [] });
  }
  for (const target of targets) for (let warm = 0; warm < 3; warm += 1) await measureSlice(target, scenario);
  for (let round = 0; round < rounds; round += 1) {
    for (const target of round % 2 === 0 ? targets : targets.toReversed()) {
      target.slices.push(await measureSlice(target, scenario));
    }
  }
  for (const { child } of [provider, ...targets]) child.kill();
  return new Map(targets.map(({ name, slices }) => [name, quantile(slices, 0.2)]));
}

for (const name of values.scenarios.split(',')) {
  const scenario = SCENARIOS[name];
  if (scenario === undefined) throw new Error(`no scenario ${name}: ${Object.keys(SCENARIOS).join(', ')}`);
  const results = [];
  for (let count = 0; count < launches; count += 1) results.push(await launch(scenario));
  for (const [target, base] of Object.entries(scenario.targets ?? TARGETS)) {
    const cpu = quantile(
      results.map((result) => result.get(target)),
      0.5,
    );
    const ratio = quantile(
      results.map((result) => result.get(target) / result.get(base)),
      0.5,
    );
    const most = scenario.most?.[target];
    if (values.check && most !== undefined && ratio > most) {
      console.error(`${name}: ${target} must not cost more than x ${most} of ${base}`);
      process.exitCode = 1;
    }
    console.log(
      `${name.padEnd(11)} ${target.padEnd(18)} ${cpu.toFixed(0).padStart(6)} us  x ${ratio.toFixed(2)} of ${base}`,
    );
  }
}
