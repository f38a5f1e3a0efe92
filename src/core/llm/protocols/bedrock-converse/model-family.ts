/** Whose model it is, as far as its vendor's ways differ from the others'. */
export type ModelFamily =
  | 'anthropic'
  | 'nova'
  | 'titan'
  | 'meta'
  | 'mistral'
  | 'cohere'
  | 'deepseek'
  | 'jamba'
  | 'openai'
  | 'other';

/** An inference profile that spans regions says so in front of the vendor's name. */
const GEOGRAPHY = /^(?:global|us-gov|us|eu|apac|jp|au|ca|sa|me|af|il|uk|in)\./;

const PREFIXES: readonly (readonly [string, ModelFamily])[] = [
  ['anthropic.', 'anthropic'],
  ['amazon.nova', 'nova'],
  ['amazon.titan', 'titan'],
  ['meta.', 'meta'],
  ['mistral.', 'mistral'],
  ['cohere.', 'cohere'],
  ['deepseek.', 'deepseek'],
  ['ai21.jamba', 'jamba'],
  ['openai.', 'openai'],
];

/**
 * Reads the vendor off a model id: `us.anthropic.claude-…`, or an ARN that ends in one. A profile of the caller's own
 * has an id that says nothing, and counts as `other`.
 */
export function modelFamily(model: string): ModelFamily {
  const id = vendorId(model);
  return PREFIXES.find(([prefix]) => id.startsWith(prefix))?.[1] ?? 'other';
}

/** Whether the model is of Nova's second generation, the first of them to think. */
export function isThinkingNova(model: string): boolean {
  return /^amazon\.nova-(?:[2-9]|[1-9]\d)/.test(vendorId(model));
}

function vendorId(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1).replace(GEOGRAPHY, '');
}

/** The vendors whose models can be told to call some tool, and to call a certain one. */
const TAKES_ANY: ReadonlySet<ModelFamily> = new Set(['anthropic', 'nova', 'meta', 'deepseek', 'jamba']);
const TAKES_ONE: ReadonlySet<ModelFamily> = new Set([...TAKES_ANY, 'cohere']);

export function canForce(family: ModelFamily, choice: 'required' | 'tool'): boolean {
  return (choice === 'required' ? TAKES_ANY : TAKES_ONE).has(family);
}

/** Where marks for the prompt cache may stand; the models of the others refuse them. */
export function takesCacheMarks(family: ModelFamily, place: 'tools' | 'prompt'): boolean {
  return family === 'anthropic' || (family === 'nova' && place === 'prompt');
}
