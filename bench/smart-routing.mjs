// How well `smart` judges by words alone, on the half of test/fixtures/smart-prompts.json that it was not developed on:
// task, difficulty, and the target that comes of them, against a route that always takes its default.
//   node bench/smart-routing.mjs
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const source = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'nexus-smart-'));
const outfile = join(folder, 'smart.mjs');
const prompts = pathToFileURL(source('test/support/smart-prompts.ts')).href;
await build({
  stdin: {
    contents: `
      export * from ${JSON.stringify(source('test/support/smart-prompts.ts'))};
      export { judgeText } from ${JSON.stringify(source('src/core/llm/routing/smart/judge-text.ts'))};
      export { byFit } from ${JSON.stringify(source('src/core/llm/routing/smart/fit.ts'))};`,
    resolveDir: source('.'),
  },
  bundle: true,
  platform: 'node',
  format: 'esm',
  define: { 'import.meta.url': JSON.stringify(prompts) },
  outfile,
});
const { developmentPrompts, heldBackPrompts, judgeText, byFit } = await import(pathToFileURL(outfile).href);
await rm(folder, { recursive: true });

const facts = { needs: new Set(), tools: 0, size: 100 };
const targets = [
  { name: 'small (default)', tier: 'small' },
  { name: 'coder', tier: 'medium', tasks: ['code'] },
  { name: 'medium', tier: 'medium' },
  { name: 'large', tier: 'large' },
];
const targetFor = (judgement) => byFit(targets, judgement)[0].name;
const percent = (count, all) => `${((100 * count) / all.length).toFixed(1)} %`;

for (const [name, half] of [
  ['developed on', developmentPrompts],
  ['held back', heldBackPrompts],
]) {
  const judged = half.map(({ text }) => judgeText(text, facts));
  const count = (holds) => half.filter((prompt, index) => holds(prompt, judged[index])).length;
  console.log(`${name}: ${half.length} prompts`);
  console.log(
    '  task        ',
    percent(
      count(({ task }, its) => its.task === task),
      half,
    ),
  );
  console.log(
    '  difficulty  ',
    percent(
      count(({ difficulty }, its) => its.difficulty === difficulty),
      half,
    ),
  );
  console.log(
    '  target      ',
    percent(
      count((prompt, its) => targetFor(its) === targetFor(prompt)),
      half,
    ),
  );
  for (const { name: target } of targets) {
    console.log(
      `    always ${target}:`,
      percent(
        count((prompt) => targetFor(prompt) === target),
        half,
      ),
    );
  }
}

const rounds = 50;
for (let round = 0; round < rounds; round++) for (const { text } of heldBackPrompts) judgeText(text, facts);
const begun = process.cpuUsage();
for (let round = 0; round < rounds; round++) for (const { text } of heldBackPrompts) judgeText(text, facts);
const { user, system } = process.cpuUsage(begun);
console.log('CPU for each prompt:', ((user + system) / rounds / heldBackPrompts.length).toFixed(0), 'µs');
