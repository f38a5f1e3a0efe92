// What `nexus init` knows of vendors besides their names: where people keep the key, and what else must be said.

export interface Vendor {
  /** Variables that hold its key, the usual one first; none where no key is needed. */
  readonly variables: readonly string[];
  /** A model to begin with, where one is sure to be there. */
  readonly model?: string;
  /** Lines of its table besides `type` and `api_key`. */
  readonly lines?: readonly string[];
}

/** By the `type` of the configuration, in the order they are offered. */
export const VENDORS: ReadonlyMap<string, Vendor> = new Map<string, Vendor>([
  ['openai', { variables: ['OPENAI_API_KEY'], model: 'gpt-5-mini' }],
  ['anthropic', { variables: ['ANTHROPIC_API_KEY'], model: 'claude-haiku-4-5' }],
  ['google', { variables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'], model: 'gemini-2.5-flash' }],
  [
    'azure',
    {
      variables: ['AZURE_OPENAI_API_KEY', 'AZURE_API_KEY'],
      lines: [`base_url = '{{ env.AZURE_OPENAI_BASE_URL | "https://YOUR-RESOURCE.openai.azure.com/openai/v1" }}'`],
    },
  ],
  [
    'bedrock',
    {
      variables: [],
      lines: [
        `region = '{{ env.AWS_REGION | "us-east-1" }}'   # credentials: those the AWS SDK finds`,
        '# needs a package beside this one: npm install @aws-sdk/client-bedrock-runtime',
      ],
    },
  ],
  ['cerebras', { variables: ['CEREBRAS_API_KEY'] }],
  ['cohere', { variables: ['COHERE_API_KEY', 'CO_API_KEY'] }],
  ['deepseek', { variables: ['DEEPSEEK_API_KEY'] }],
  ['fireworks', { variables: ['FIREWORKS_API_KEY'] }],
  ['groq', { variables: ['GROQ_API_KEY'] }],
  ['huggingface', { variables: ['HF_TOKEN', 'HUGGINGFACE_API_KEY'] }],
  ['mistral', { variables: ['MISTRAL_API_KEY'] }],
  ['moonshot', { variables: ['MOONSHOT_API_KEY'] }],
  ['openrouter', { variables: ['OPENROUTER_API_KEY'] }],
  ['perplexity', { variables: ['PERPLEXITY_API_KEY'] }],
  ['together', { variables: ['TOGETHER_API_KEY'] }],
  ['xai', { variables: ['XAI_API_KEY'] }],
  ['ollama', { variables: [] }],
  ['lm_studio', { variables: [] }],
  ['vllm', { variables: [] }],
]);

/** A variable that is set, with the vendor whose key it holds. */
export interface FoundKey {
  readonly vendor: string;
  readonly variable: string;
}

/** Vendors whose key is in the environment. The key itself is looked at by nobody. */
export function foundKeys(env: Readonly<Record<string, string | undefined>>): FoundKey[] {
  return [...VENDORS].flatMap(([vendor, { variables }]) => {
    const variable = variables.find((name) => env[name]?.trim());
    return variable === undefined ? [] : [{ vendor, variable }];
  });
}
