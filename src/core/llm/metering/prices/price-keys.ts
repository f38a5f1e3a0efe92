/*
 * Under which ids a price list may have a provider's model, best first. Rows of another biller never match: the same model
 * has other prices elsewhere.
 */

/** How a vendor's rows are named. */
interface Naming {
  /** What stands before the vendor's own id, best first. */
  readonly prefixes: readonly string[];
  readonly billers: readonly string[];
}

/** Naming of LiteLLM's list by kind of provider. Kinds that are not here are named `kind/model` and billed by `kind`. */
const NAMING: ReadonlyMap<string, Naming> = new Map([
  ['openai', { prefixes: ['', 'openai/'], billers: ['openai', 'text-completion-openai'] }],
  ['anthropic', { prefixes: ['', 'anthropic/'], billers: ['anthropic'] }],
  ['google', { prefixes: ['gemini/', ''], billers: ['gemini'] }],
  ['azure', { prefixes: ['azure/', 'azure_ai/'], billers: ['azure', 'azure_text', 'azure_ai'] }],
  ['bedrock', { prefixes: [''], billers: ['bedrock', 'bedrock_converse'] }],
  ['cohere', { prefixes: ['', 'cohere/'], billers: ['cohere', 'cohere_chat'] }],
  ['deepseek', { prefixes: ['deepseek/', ''], billers: ['deepseek'] }],
  ['fireworks', { prefixes: ['fireworks_ai/'], billers: ['fireworks_ai', 'fireworks_ai-embedding-models'] }],
  ['together', { prefixes: ['together_ai/'], billers: ['together_ai'] }],
  ['vllm', { prefixes: ['hosted_vllm/'], billers: ['hosted_vllm'] }],
]);

/** Kinds of one's own machines: a price of 0 in the list is meant. */
const LOCAL: ReadonlySet<string> = new Set(['ollama', 'lm_studio', 'vllm']);

/** Where a model is to be looked up. */
export interface PriceKeys {
  readonly ids: readonly string[];
  readonly billers: ReadonlySet<string>;
  readonly zeroIsFree: boolean;
}

/**
 * The ids to try for `model`, the vendor's own name of it: with each of the vendor's prefixes, and only then the same
 * without the date at its end. `region` is where bedrock is called, if that is known.
 */
export function priceKeys(kind: string, model: string, region?: string): PriceKeys {
  const { prefixes, billers } = NAMING.get(kind) ?? { prefixes: [`${kind}/`], billers: [kind] };
  const places = kind === 'bedrock' && region !== undefined ? [`bedrock/${region}/`, ...prefixes] : prefixes;
  const names = namesOf(kind, model);
  const dateless = names.map(withoutDate).filter((name) => !names.includes(name));
  const ids = [...names, ...dateless].flatMap((name) => places.map((place) => place + name));
  return { ids: [...new Set(ids)], billers: new Set(billers), zeroIsFree: LOCAL.has(kind) };
}

function namesOf(kind: string, model: string): string[] {
  switch (kind) {
    case 'bedrock': {
      // An inference profile of a part of the world, and the model behind it.
      const base = model.replace(/^(?:us-gov|us|eu|apac|au|jp|ca|global)\./, '');
      return base === model ? [model] : [model, base];
    }
    case 'google':
      return [model.replace(/^models\//, '')];
    case 'openai': {
      // A tuned model: `ft:<base>:<organisation>:<name>:<id>`.
      const tuned = /^(ft:[^:]+):/.exec(model)?.[1];
      return tuned === undefined ? [model] : [model, tuned];
    }
    default:
      return [model];
  }
}

/** `-2024-08-06`, `-20241022`, `@20241022`. */
function withoutDate(name: string): string {
  return name.replace(/(?:-\d{4}-\d{2}-\d{2}|[-@]20\d{6})$/, '');
}
