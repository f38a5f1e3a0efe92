import { bearer, defineProvider, type ProviderDefinition } from './definition.ts';

type Row = Pick<ProviderDefinition, 'keyless' | 'maxTokensField'> & { readonly kind: string; readonly baseUrl: string };

const max_tokens = { maxTokensField: 'max_tokens' } as const;

/** Vendors and servers that speak OpenAI's chat completions, a line each. Base URLs as their own pages give them. */
const ROWS: readonly Row[] = [
  { kind: 'cerebras', baseUrl: 'https://api.cerebras.ai/v1' },
  { kind: 'cohere', baseUrl: 'https://api.cohere.ai/compatibility/v1', ...max_tokens },
  { kind: 'deepseek', baseUrl: 'https://api.deepseek.com/v1', ...max_tokens },
  { kind: 'fireworks', baseUrl: 'https://api.fireworks.ai/inference/v1', ...max_tokens },
  { kind: 'groq', baseUrl: 'https://api.groq.com/openai/v1' },
  { kind: 'huggingface', baseUrl: 'https://router.huggingface.co/v1', ...max_tokens },
  { kind: 'lm_studio', baseUrl: 'http://127.0.0.1:1234/v1', keyless: true, ...max_tokens },
  { kind: 'mistral', baseUrl: 'https://api.mistral.ai/v1', ...max_tokens },
  { kind: 'moonshot', baseUrl: 'https://api.moonshot.ai/v1', ...max_tokens },
  { kind: 'ollama', baseUrl: 'http://127.0.0.1:11434/v1', keyless: true, ...max_tokens },
  { kind: 'openrouter', baseUrl: 'https://openrouter.ai/api/v1', ...max_tokens },
  { kind: 'perplexity', baseUrl: 'https://api.perplexity.ai', ...max_tokens },
  { kind: 'together', baseUrl: 'https://api.together.xyz/v1', ...max_tokens },
  { kind: 'vllm', baseUrl: 'http://127.0.0.1:8000/v1', keyless: true, ...max_tokens },
  { kind: 'xai', baseUrl: 'https://api.x.ai/v1' },
];

export const compatible: readonly ProviderDefinition[] = ROWS.map((row) =>
  defineProvider({
    ...row,
    protocols: [{ id: 'openai-chat', path: '/chat/completions' }],
    authorize: bearer,
    clientHeaders: [],
    origin: undefined,
  }),
);
