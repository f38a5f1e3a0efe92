import { nexus } from 'nexus-ai/next';

const config = { llm: { providers: { openai: { type: 'openai', apiKey: 'demo' } } } };

export const { GET, HEAD, POST, DELETE, OPTIONS } = nexus(config, { basePath: '/api/ai' });
