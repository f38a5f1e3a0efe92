/*
 * Runs `npm start` as a newcomer would, without any key, waits for the address it prints, asks the demo a question and
 * stops it.
 *
 *   node scripts/check-start.mjs
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

// A group of its own, so that nothing npm starts can outlive this check.
const npm = spawn('npm', ['start'], {
  detached: true,
  env: { ...process.env, OPENAI_API_KEY: '', ANTHROPIC_API_KEY: '' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const exited = once(npm, 'exit');
const stopGroup = (signal) => {
  try {
    process.kill(-npm.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
};
const deadline = setTimeout(() => stopGroup('SIGKILL'), 60_000);

let url;
for await (const line of createInterface({ input: npm.stdout })) {
  console.log(line);
  url = /https?:\/\/[^\s"]+/.exec(line)?.[0];
  if (url !== undefined) break;
}
try {
  assert.ok(url, 'npm start ended before it printed an address');
  const response = await fetch(new URL('/llm/v1/chat/completions', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'openai/gpt-5-mini', messages: [{ role: 'user', content: 'Say hello' }] }),
  });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.ok(JSON.parse(text).choices[0].message.content, text);
  console.log(`ok    npm start serves ${url} and answers`);
} finally {
  stopGroup('SIGTERM');
  await exited;
  clearTimeout(deadline);
}
