import { defineProvider } from './definition.ts';

/** Anthropic. */
export const anthropic = defineProvider({
  kind: 'anthropic',
  protocols: [{ id: 'anthropic-messages', path: '/messages' }],
  baseUrl: 'https://api.anthropic.com/v1',
  authorize: (key) => ['x-api-key', key, 'anthropic-version', '2023-06-01'],
  clientHeaders: ['anthropic-beta'],
  origin: 'anthropic',
});
