// What the programs of this folder share: a Nexus with a fake provider behind it, and a question.
import assert from 'node:assert/strict';
import { createNexus } from 'nexus-ai';
import { createFakeProvider } from 'nexus-ai/testing';

export const fake = await createFakeProvider();
export const config = { llm: { providers: { openai: { type: 'openai', apiKey: 'any', baseUrl: `${fake.url}/v1` } } } };

export function makeInstance() {
  return createNexus(config);
}

/** The status of a chat completion; one that succeeds must have text. */
export async function chat(url, headers = {}, ask = fetch, model = 'openai/gpt-5-mini') {
  const answer = await ask(`${url}/llm/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  const body = await answer.json();
  if (answer.status === 200) assert.ok(body.choices[0].message.content);
  return answer.status;
}
