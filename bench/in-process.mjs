// What a call inside the host's process costs, next to calling the provider with undici, with fetch and with OpenAI's
// SDK: CPU time of the whole process, which reads every answer. No server listens but the provider, a process of its own.
//
//   npm run build && node bench/in-process.mjs [--rounds=12] [--calls=1000]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createNexus } from 'nexus-ai';
import OpenAI from 'openai';
import { Pool } from 'undici';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '12' }, calls: { type: 'string', default: '1000' } },
});
const calls = Number(values.calls);
const CONCURRENCY = 16;

const script = fileURLToPath(new URL('provider.mjs', import.meta.url));
const provider = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
process.once('exit', () => provider.kill());
const [upstream] = await once(createInterface({ input: provider.stdout }), 'line');

const question = 'Why is this sentence exactly as long as it is? '.repeat(9);
const body = { model: 'bench', max_tokens: 1000, messages: [{ role: 'user', content: question }] };
const routed = { ...body, model: 'openai/bench' };
const headers = { 'content-type': 'application/json', authorization: 'Bearer demo' };
const path = '/v1/chat/completions';
const post = (model) => ({ method: 'POST', headers, body: JSON.stringify(model) });

const pool = new Pool(upstream, { connections: 64 });
const sdk = new OpenAI({ apiKey: 'demo', baseURL: `${upstream}/v1` });
const instance = createNexus({
  llm: {
    discovery: { enabled: false },
    providers: { openai: { type: 'openai', apiKey: 'demo', baseUrl: `${upstream}/v1` } },
  },
});
await instance.ready();
const through = await instance.openai();

const CONTESTANTS = {
  'undici.request': async () => (await pool.request({ path, ...post(body) })).body.json(),
  'nexus.fetch': async () => (await instance.fetch(`http://nexus/llm${path}`, post(routed))).json(),
  fetch: async () => (await fetch(upstream + path, post(body))).json(),
  'nexus.openai()': () => through.chat.completions.create(routed),
  'openai SDK': () => sdk.chat.completions.create(body),
};

/** CPU microseconds per call. */
async function measureSlice(call) {
  let left = calls;
  const before = process.cpuUsage();
  const work = async () => {
    while (left-- > 0) {
      const { choices } = await call();
      if (!choices[0].message.content.startsWith('All work and no play')) throw new Error('CONTENT CHECK FAILED');
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

const results = Object.entries(CONTESTANTS).map(([name, call]) => ({ name, call, slices: [] }));
for (const { call } of results) for (let warm = 0; warm < 3; warm++) await measureSlice(call);
for (let round = 0; round < Number(values.rounds); round++) {
  for (const { call, slices } of round % 2 === 0 ? results : results.toReversed())
    slices.push(await measureSlice(call));
}
const quantile20 = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) * 0.2)];
const least = quantile20(results[0].slices);
for (const { name, slices } of results) {
  const cpu = quantile20(slices);
  console.log(
    `${name.padEnd(16)} ${cpu.toFixed(0).padStart(5)} us  x ${(cpu / least).toFixed(2)} of ${results[0].name}`,
  );
}
await Promise.all([instance.close(), pool.close()]);
provider.kill();
