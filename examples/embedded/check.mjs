// Runs chat.mjs against a fake provider: it must print an answer and end by itself.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createFakeProvider } from 'nexus-ai/testing';

const provider = await createFakeProvider();
const { stdout, stderr } = await promisify(execFile)(
  process.execPath,
  [fileURLToPath(new URL('chat.mjs', import.meta.url))],
  {
    env: { ...process.env, USER: 'ann', OPENAI_API_KEY: 'demo', OPENAI_BASE_URL: `${provider.url}/v1` },
    timeout: 20_000,
  },
);
assert.notEqual(stdout.trim(), '', 'the example printed an answer');
assert.match(stderr, /^ann used /m, 'the record names the caller');
assert.equal(provider.requests.length, 1);
await provider.close();
