// No server at all: the OpenAI client calls the router inside its own process.
//
//   OPENAI_API_KEY=sk-... node examples/embedded/chat.mjs "Why is the sky blue?"
import { createNexus } from 'nexus-ai';

const {
  OPENAI_API_KEY = 'demo',
  OPENAI_BASE_URL = 'https://api.openai.com/v1',
  MODEL = 'openai/gpt-4o-mini',
} = process.env;

const nexus = createNexus(
  {
    llm: {
      providers: {
        openai: { type: 'openai', apiKey: OPENAI_API_KEY, baseUrl: OPENAI_BASE_URL },
      },
    },
  },
  { sinks: [({ clientId, usage }) => console.error(`${clientId} used ${JSON.stringify(usage)}`)] },
);

// Whoever is at the keyboard: records and limits name them.
const client = await nexus.as({ id: process.env.USER || 'somebody' }).openai();

const stream = await client.chat.completions.create({
  model: MODEL,
  messages: [{ role: 'user', content: process.argv[2] ?? 'Say hello.' }],
  stream: true,
});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '');
process.stdout.write('\n');

await nexus.close();
