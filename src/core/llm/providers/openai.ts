import type { ProviderDefinition } from './definition.ts';

/** OpenAI, and with a `baseUrl` of your own every service that speaks its dialect. */
export const openai: ProviderDefinition = {
  kind: 'openai',
  protocol: 'openai-chat',
  baseUrl: 'https://api.openai.com/v1',
  path: '/chat/completions',
  authorize: (key) => ['authorization', `Bearer ${key}`],
  clientHeaders: ['openai-beta'],
};
