// A Next application with an AI router in it: one route file. Clients use /api/ai/llm/v1.
//
//   cd examples/next && OPENAI_API_KEY=sk-... npx next dev
import { nexus } from 'nexus-ai/next';

const { OPENAI_API_KEY = 'demo', OPENAI_BASE_URL = 'https://api.openai.com/v1' } = process.env;

export const { GET, HEAD, POST, DELETE, OPTIONS } = nexus(
  {
    llm: {
      providers: {
        openai: { type: 'openai', apiKey: OPENAI_API_KEY, baseUrl: OPENAI_BASE_URL },
      },
    },
  },
  { basePath: '/api/ai' },
);
