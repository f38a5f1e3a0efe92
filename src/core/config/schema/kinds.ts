// The vendors a provider's `type` can name. Their definitions are in the plane above (`llm/providers`), which the
// configuration must not know; the registry's test holds the two lists together.

/** A kind of provider, as far as the configuration must know it; a provider definition is one. */
export interface KnownKind {
  readonly kind: string;
  /** Absent: a provider of this kind must be given one, unless it knows its own way. */
  readonly baseUrl?: string | undefined;
  readonly openTransport?: unknown;
}

export const PROVIDER_KINDS = [
  'openai',
  'anthropic',
  'google',
  'azure',
  'bedrock',
  'cerebras',
  'cohere',
  'deepseek',
  'fireworks',
  'groq',
  'huggingface',
  'lm_studio',
  'mistral',
  'moonshot',
  'ollama',
  'openrouter',
  'perplexity',
  'together',
  'vllm',
  'xai',
] as const;

/** Built-in kinds that are somewhere else for every customer. */
export const KINDS_WITHOUT_BASE_URL: ReadonlySet<string> = new Set(['azure']);

/** Built-in kinds whose API asks for a version beside the one in its path. */
export const KINDS_WITH_API_VERSION: ReadonlySet<string> = new Set(['azure']);
