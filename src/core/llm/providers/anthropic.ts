import { defineProvider } from './definition.ts';

/** Claude from 4.6 on, at any host; older models know budgets only, and from 4.7 on budgets are refused. */
export const ADAPTIVE_CLAUDE = /claude-(?:[a-z]+-4[-.](?:[6-9]|[1-9]\d)|[a-z]+-(?:[5-9]|[1-9]\d))(?!\d)/;

/** Anthropic. */
export const anthropic = defineProvider({
  kind: 'anthropic',
  protocols: [{ id: 'anthropic-messages', path: '/messages' }],
  baseUrl: 'https://api.anthropic.com/v1',
  models: { path: '/models', form: 'anthropic' },
  authorize: (key) => ['x-api-key', key, 'anthropic-version', '2023-06-01'],
  clientHeaders: ['anthropic-beta'],
  adaptiveThinking: ADAPTIVE_CLAUDE,
  origin: 'anthropic',
});
