// No server at all: the OpenAI client calls the router inside its own process.
//
//   OPENAI_API_KEY=sk-... node examples/embedded/chat.mjs "Why is the sky blue?"
import { createNexus } from 'nexus-ai';
import OpenAI from 'openai';

const {
  OPENAI_API_KEY = 'demo',
  OPENAI_BASE_URL = 'https://api.openai.com/v1',
  MODEL = 'openai/gpt-4o-mini',
} = process.env;

const instance = createNexus({
  llm: {
    providers: {
      openai: { type: 'openai', apiKey: OPENAI_API_KEY, baseUrl: OPENAI_BASE_URL },
    },
  },
});

// The host is never looked up: nexus.fetch only reads the path.
const client = new OpenAI({ apiKey: 'unused', baseURL: 'http://nexus/llm/v1', fetch: instance.fetch });

const stream = await client.chat.completions.create({
  model: MODEL,
  messages: [{ role: 'user', content: process.argv[2] ?? 'Say hello.' }],
  stream: true,
});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '');
process.stdout.write('\n');

await instance.close();
