// Compiled, never run: the public types under the strictest settings, as ESM and as CommonJS.
import express from 'express';
import { createNexus, NexusError } from 'nexus-ai';
import { nexus } from 'nexus-ai/express';
import { nexus as nextNexus } from 'nexus-ai/next';
import { listen } from 'nexus-ai/node';
import { createFakeProvider } from 'nexus-ai/testing';

export async function program(): Promise<number> {
  const provider = await createFakeProvider();
  const instance = createNexus({
    llm: { providers: { openai: { type: 'openai', apiKey: 'demo', baseUrl: `${provider.url}/v1` } } },
  });
  const app = express();
  app.use(nexus(instance));
  app.use('/ai', nexus({ llm: { providers: { anthropic: { type: 'anthropic', apiKey: 'demo' } } } }));

  const { GET, POST }: Record<'GET' | 'POST', (request: Request) => Promise<Response>> = nextNexus(instance, {
    basePath: '/api/ai',
  });
  await POST(new Request('http://localhost/api/ai/health'));
  await GET(new Request('http://localhost/api/ai/health'));

  const server = await listen(instance, { host: '127.0.0.1', port: 0 });
  const address: string = server.url;
  const response: Response = await instance.fetch(new Request(`${address}/health`));
  await server.close();
  await instance.close();
  await provider.close();
  return response.status;
}

export function codeOf(thrown: unknown): string | undefined {
  return NexusError.is(thrown) ? thrown.code : undefined;
}

// @ts-expect-error a provider needs a type
createNexus({ llm: { providers: { openai: { apiKey: 'demo' } } } });

// @ts-expect-error Next has to be told where its route stands
nextNexus({});

// @ts-expect-error misspelled keys are refused
createNexus({ llm: { provider: {} } });
