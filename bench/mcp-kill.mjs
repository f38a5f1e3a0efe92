/*
 * A program behind Nexus is killed once a second while the others are called without a pause: how many of their calls
 * fail, and what is left running in the end (Linux).
 *
 *   node bench/mcp-kill.mjs [--seconds=60]
 */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createNexus } from 'nexus-ai';

const seconds = Number(process.argv.find((word) => word.startsWith('--seconds='))?.slice(10) ?? 60);
const EVERYTHING = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'));
const [mark, victimMark] = [randomUUID(), randomUUID()];

const server = (MARKS) => ({ cmd: [process.execPath, EVERYTHING, 'stdio'], env: { MARKS } });
const nexus = createNexus(
  { mcp: { servers: { first: server(mark), victim: server(`${mark} ${victimMark}`), last: server(mark) } } },
  { logger: { debug() {}, info() {}, warn() {}, error: console.error } },
);

/** Processes that were started with this mark in their environment. */
function processes(marked) {
  return readdirSync('/proc').filter((id) => {
    try {
      return /^\d+$/.test(id) && readFileSync(`/proc/${id}/environ`, 'utf8').includes(marked);
    } catch {
      return false;
    }
  });
}

let running = true;
const counts = { others: 0, failed: 0, victim: 0, victimFailed: 0, killed: 0 };
async function keepCalling(name) {
  for (let n = 0; running; n++) {
    try {
      const { content } = await nexus.mcp.execute(`${name}__get-sum`, { a: n, b: 1 });
      if (!content[0].text.includes(`is ${n + 1}.`)) throw new Error(`wrong answer: ${content[0].text}`);
      counts.others += 1;
    } catch (error) {
      counts.failed += 1;
      console.error(error);
    }
  }
}
/** Calls of the victim may fail; they are what brings it back. */
async function callVictim() {
  while (running) {
    try {
      await nexus.mcp.execute('victim__get-sum', { a: 1, b: 1 });
      counts.victim += 1;
    } catch {
      counts.victimFailed += 1;
    }
    await sleep(20);
  }
}

await nexus.mcp.listTools();
const calling = [...['first', 'first', 'last', 'last'].map(keepCalling), callVictim()];
for (let second = 0; second < seconds; second++) {
  await sleep(1000);
  for (const id of processes(victimMark)) {
    process.kill(Number(id), 'SIGKILL');
    counts.killed += 1;
  }
}
running = false;
await Promise.all(calling);
await nexus.close();
console.log(`${seconds} s, ${counts.killed} kills; the others: ${counts.others} calls, ${counts.failed} failed`);
console.log(`the victim: ${counts.victim} calls, ${counts.victimFailed} failed`);
console.log(`left running: ${processes(mark).length}`);
process.exitCode = counts.failed > 0 || processes(mark).length > 0 ? 1 : 0;
