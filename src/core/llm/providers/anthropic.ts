import type { ProviderDefinition } from './definition.ts';

/** Anthropic. */
export const anthropic: ProviderDefinition = {
  kind: 'anthropic',
  protocol: 'anthropic-messages',
  baseUrl: 'https://api.anthropic.com/v1',
  path: '/messages',
  authorize: (key) => ['x-api-key', key, 'anthropic-version', '2023-06-01'],
  clientHeaders: ['anthropic-beta'],
};
