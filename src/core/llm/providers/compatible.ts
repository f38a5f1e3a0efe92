import { bearer, defineProvider, type ProviderDefinition } from './definition.ts';

type Row = Pick<
  ProviderDefinition,
  'echoedReasoning' | 'elsewhere' | 'embeddings' | 'keyless' | 'maxTokensField' | 'reasoningDetails'
> & {
  readonly kind: string;
  readonly baseUrl: string;
  /** It has no `/models`, or lists there what its chat completions do not take. */
  readonly unlisted?: true;
};

/** Refuse a conversation in which the thought before a call is missing. */
const echoed = { echoedReasoning: true } as const;
const max_tokens = { maxTokensField: 'max_tokens' } as const;
const embeddings = { embeddings: { dialect: 'openai', path: '/embeddings' } } as const;

/** Vendors and servers that speak OpenAI's chat completions, a line each. Base URLs as their own pages give them. */
const ROWS: readonly Row[] = [
  { kind: 'cerebras', baseUrl: 'https://api.cerebras.ai/v1' },
  { kind: 'cohere', baseUrl: 'https://api.cohere.ai/compatibility/v1', unlisted: true, ...max_tokens, ...embeddings },
  { kind: 'deepseek', baseUrl: 'https://api.deepseek.com/v1', ...max_tokens, ...echoed },
  { kind: 'fireworks', baseUrl: 'https://api.fireworks.ai/inference/v1', ...max_tokens, ...embeddings },
  { kind: 'groq', baseUrl: 'https://api.groq.com/openai/v1' },
  // The router takes chats only; a dedicated endpoint embeds too.
  { kind: 'huggingface', baseUrl: 'https://router.huggingface.co/v1', ...max_tokens, elsewhere: embeddings },
  { kind: 'lm_studio', baseUrl: 'http://127.0.0.1:1234/v1', keyless: true, ...max_tokens, ...embeddings },
  { kind: 'mistral', baseUrl: 'https://api.mistral.ai/v1', ...max_tokens, ...embeddings },
  { kind: 'moonshot', baseUrl: 'https://api.moonshot.ai/v1', ...max_tokens, ...echoed },
  { kind: 'ollama', baseUrl: 'http://127.0.0.1:11434/v1', keyless: true, ...max_tokens, ...embeddings },
  {
    kind: 'openrouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    reasoningDetails: true,
    ...max_tokens,
    ...embeddings,
  },
  { kind: 'perplexity', baseUrl: 'https://api.perplexity.ai', unlisted: true, ...max_tokens },
  { kind: 'together', baseUrl: 'https://api.together.xyz/v1', ...max_tokens, ...embeddings },
  { kind: 'vllm', baseUrl: 'http://127.0.0.1:8000/v1', keyless: true, ...max_tokens, ...embeddings },
  { kind: 'xai', baseUrl: 'https://api.x.ai/v1' },
];

export const compatible: readonly ProviderDefinition[] = ROWS.map(({ unlisted, ...row }) =>
  defineProvider({
    ...row,
    ...(unlisted === true ? {} : { models: { path: '/models', form: 'openai' } }),
    protocols: [{ id: 'openai-chat', path: '/chat/completions' }],
    authorize: bearer,
    clientHeaders: [],
    origin: undefined,
  }),
);
