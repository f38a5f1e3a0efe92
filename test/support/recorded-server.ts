// An instance in front of a fake provider, on a socket, with the records of its requests.
import { createNexus, type RequestRecord } from 'nexus-ai';
import { type ListeningServer, listen } from 'nexus-ai/node';
import type { FakeProvider } from 'nexus-ai/testing';

export interface RecordedServer {
  readonly server: ListeningServer;
  /** Where chat completions are asked for; the provider is `openai`. */
  readonly url: string;
  readonly records: readonly RequestRecord[];
}

export async function serveRecorded(provider: FakeProvider): Promise<RecordedServer> {
  const records: RequestRecord[] = [];
  const nexus = createNexus(
    {
      llm: {
        discovery: { enabled: false },
        providers: { openai: { type: 'openai', apiKey: 'k', baseUrl: `${provider.url}/v1` } },
      },
    },
    { sinks: [(record) => records.push(record)] },
  );
  const server = await listen(nexus, { port: 0 });
  return { server, url: `${server.url}/llm/v1/chat/completions`, records };
}
