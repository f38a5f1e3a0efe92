import { bearer, defineProvider } from './definition.ts';

/** OpenAI, and with a `baseUrl` of your own every service that speaks its dialect. */
export const openai = defineProvider({
  kind: 'openai',
  protocols: [
    { id: 'openai-chat', path: '/chat/completions' },
    { id: 'openai-responses', path: '/responses' },
  ],
  baseUrl: 'https://api.openai.com/v1',
  embeddings: { dialect: 'openai', path: '/embeddings' },
  models: { path: '/models', form: 'openai' },
  authorize: bearer,
  clientHeaders: ['openai-beta'],
  // Google's compatible endpoint wants the proofs of its calls back.
  elsewhere: { maxTokensField: 'max_tokens', callSignatures: /gemini/i },
  origin: 'openai',
});
