// What it costs to load Nexus: CPU time and memory of import + createNexus with one OpenAI provider, over bare Node.
// A fresh process per run, both kinds in turn; medians.
//
//   npm run build && node bench/startup.mjs [runs]
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const runs = Number(process.argv[2] ?? 15);
const root = fileURLToPath(new URL('..', import.meta.url));

const report = `
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ cpu: (user + system) / 1000, memory: process.memoryUsage.rss() / 2 ** 20 }));`;
const programs = {
  bare: report,
  nexus: `
    import { createNexus } from 'nexus-ai';
    createNexus({ llm: { providers: { openai: { type: 'openai', apiKey: 'demo' } } } });
    ${report}`,
};

function run(source) {
  const args = ['--input-type=module', '--eval', source];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }));
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

const results = { bare: [], nexus: [] };
for (let count = 0; count < runs; count += 1) {
  for (const [name, source] of Object.entries(programs)) results[name].push(run(source));
}
for (const [unit, label] of [
  ['cpu', 'CPU ms'],
  ['memory', 'RSS MiB'],
]) {
  const [bare, nexus] = [results.bare, results.nexus].map((rows) => median(rows.map((row) => row[unit])));
  console.log(
    `${label.padEnd(8)} bare ${bare.toFixed(1)}  nexus ${nexus.toFixed(1)}  added ${(nexus - bare).toFixed(1)}`,
  );
}
