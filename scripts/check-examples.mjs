/*
 * Runs the check.mjs of every example, one after the other. Needs the built package.
 *
 *   node scripts/check-examples.mjs
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../examples', import.meta.url));
const examples = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
let failed = examples.length === 0;

for (const { name } of examples) {
  const script = join(folder, name, 'check.mjs');
  const started = Date.now();
  const run = existsSync(script)
    ? spawnSync(process.execPath, [script], { encoding: 'utf8', timeout: 300_000 })
    : { status: null, stdout: '', stderr: 'check.mjs is missing\n' };
  if (run.status === 0) {
    console.log(`ok    examples/${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  } else {
    failed = true;
    console.log(`FAIL  examples/${name}\n${run.stdout}${run.stderr}`);
  }
}

process.exitCode = failed ? 1 : 0;
