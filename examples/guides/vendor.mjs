// docs/guide/vendors.md: a vendor of your own.
import assert from 'node:assert/strict';
import { chat } from './support.mjs';

process.env.ACME_KEY = 'secret';

// #region vendor
import { createNexus, defineProvider } from 'nexus-ai';

const acme = defineProvider({
  kind: 'acme',
  protocols: [{ id: 'openai-chat', path: '/chat/completions' }],
  baseUrl: 'https://api.acme.example/v1',
  authorize: (key) => ['authorization', `Bearer ${key}`],
  clientHeaders: [],
  maxTokensField: 'max_tokens',
  origin: undefined,
});

const instance = createNexus(
  { llm: { providers: { acme: { type: 'acme', apiKey: process.env.ACME_KEY } } } },
  { providers: [acme] },
);
// #endregion vendor

await instance.close();

// Once more, with somebody else in the vendor's place.
let asked;
const watched = createNexus(
  { llm: { discovery: { enabled: false }, providers: { acme: { type: 'acme', apiKey: process.env.ACME_KEY } } } },
  {
    providers: [acme],
    fetch: async (url, init) => {
      asked = new Request(url, { ...init, signal: null });
      return Response.json({
        choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
      });
    },
  },
);
assert.equal(await chat('http://nexus', {}, watched.fetch, 'acme/large'), 200);
assert.equal(asked.url, 'https://api.acme.example/v1/chat/completions');
assert.equal(asked.headers.get('authorization'), 'Bearer secret');
assert.equal((await asked.json()).model, 'large');
await watched.close();
