import { anthropic } from './anthropic.ts';
import type { ProviderDefinition } from './definition.ts';
import { openai } from './openai.ts';

/** Provider kind → definition. */
export const PROVIDERS: ReadonlyMap<string, ProviderDefinition> = new Map(
  [openai, anthropic].map((definition) => [definition.kind, definition]),
);
