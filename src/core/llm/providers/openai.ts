import { bearer, defineProvider } from './definition.ts';

/** OpenAI, and with a `baseUrl` of your own every service that speaks its dialect. */
export const openai = defineProvider({
  kind: 'openai',
  protocols: [
    { id: 'openai-chat', path: '/chat/completions' },
    { id: 'openai-responses', path: '/responses' },
  ],
  baseUrl: 'https://api.openai.com/v1',
  authorize: bearer,
  clientHeaders: ['openai-beta'],
  elsewhere: { maxTokensField: 'max_tokens' },
  origin: 'openai',
});
