// The words of the `llm.routes` table. Apart from the schema, so that public types can name them without knowing zod.

/** Failures of one attempt that can be told apart; what each of them means: docs/guide/routes.md. */
export const FAILURE_CLASSES = [
  'network',
  'timeout',
  'rate_limit',
  'quota',
  'server',
  'auth',
  'missing_model',
  'context_length',
  'content_policy',
] as const;

/** What a model must be able to do for a request. */
export const CAPABILITIES = ['tools', 'parallel_tools', 'images', 'audio', 'pdf', 'json_schema', 'reasoning'] as const;

export const STRATEGIES = [
  'single',
  'fallback',
  'weighted',
  'ab',
  'latency',
  'least_busy',
  'cost',
  'conditional',
  'smart',
] as const;

/** What a caller may want of a model, as the strategy smart tells it. */
export const TASKS = [
  'code',
  'maths',
  'reasoning',
  'translation',
  'summarisation',
  'extraction',
  'writing',
  'chat',
] as const;

/** How much a model can do, and costs. */
export const TIERS = ['small', 'medium', 'large'] as const;

export type Capability = (typeof CAPABILITIES)[number];
export type Task = (typeof TASKS)[number];
export type Tier = (typeof TIERS)[number];
/** Failures after which another target may be tried. */
export type FallbackClass = (typeof FAILURE_CLASSES)[number];
