// Compiled where the package `openai` is installed: the ready-made client is that package's, and names the models.
import { createNexus } from 'nexus-ai';
import type { OpenAI } from 'openai';

const instance = createNexus({
  llm: { providers: { openai: { type: 'openai', apiKey: 'test', models: { quick: {} } } } },
});

export async function ask(): Promise<string | null | undefined> {
  const client = await instance.openai({ timeout: 1000 });
  const stock: OpenAI = client;
  const messages = [{ role: 'user' as const, content: 'Hello' }];
  const stream = await client.chat.completions.create({ model: 'openai/quick', messages, stream: true });
  for await (const chunk of stream) return chunk.choices[0]?.delta.content;
  const response = await client.responses.create({ model: 'anything/else', input: 'Hello' });
  const text: string = response.output_text;
  // @ts-expect-error a message has a role
  await client.chat.completions.create({ model: 'openai/quick', messages: [{ content: 'Hello' }] });
  const answer = await stock.chat.completions.create({ model: 'openai/quick', messages });
  return answer.choices[0]?.message.content ?? text;
}
// @ts-expect-error where it calls is settled
instance.openai({ baseURL: 'http://elsewhere' });
