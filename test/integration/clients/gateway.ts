import { createNexus } from 'nexus-ai';
import { type ListeningServer, listen } from 'nexus-ai/node';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';

/** Nexus on a socket of its own, and the vendors behind it. */
export interface Gateway {
  readonly url: string;
  readonly provider: FakeProvider;
  close(): Promise<void>;
}

/** A model of each kind of vendor, as a client names it, and where the vendor is asked in each protocol it speaks. */
export const VENDORS = {
  openai: {
    model: 'openai/gpt-x',
    speaks: { chat: '/v1/chat/completions', responses: '/v1/responses' },
    otherwise: '/v1/chat/completions',
  },
  compatible: {
    model: 'compatible/llama-x',
    speaks: { chat: '/v1/chat/completions' },
    otherwise: '/v1/chat/completions',
  },
  anthropic: { model: 'anthropic/claude-x', speaks: { messages: '/v1/messages' }, otherwise: '/v1/messages' },
  google: {
    model: 'google/gemini-x',
    speaks: { google: '/v1beta/models/gemini-x' },
    otherwise: '/v1beta/models/gemini-x',
  },
} as const;

export type VendorName = keyof typeof VENDORS;
export type ClientProtocol = 'chat' | 'responses' | 'messages' | 'google';

export async function openGateway(): Promise<Gateway> {
  const provider = await createFakeProvider();
  const apiKey = 'sk-upstream';
  const baseUrl = `${provider.url}/v1`;
  const nexus = createNexus({
    llm: {
      retry: { attempts: 1 },
      providers: {
        openai: { type: 'openai', apiKey, baseUrl },
        compatible: { type: 'groq', apiKey, baseUrl },
        anthropic: { type: 'anthropic', apiKey, baseUrl },
        google: { type: 'google', apiKey, baseUrl: `${provider.url}/v1beta` },
      },
    },
  });
  const server: ListeningServer = await listen(nexus, { port: 0 });
  return {
    url: server.url,
    provider,
    async close() {
      await server.close({ drain: 0 });
      await provider.close();
    },
  };
}
