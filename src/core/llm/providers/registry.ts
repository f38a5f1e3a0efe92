import { anthropic } from './anthropic.ts';
import { azure } from './azure.ts';
import { bedrock } from './bedrock.ts';
import { compatible } from './compatible.ts';
import type { ProviderDefinition } from './definition.ts';
import { google } from './google.ts';
import { openai } from './openai.ts';

/** Provider kind → definition. The configuration knows the same kinds by name (`config/schema/kinds.ts`). */
export const PROVIDERS: ReadonlyMap<string, ProviderDefinition> = new Map(
  [openai, anthropic, google, azure, bedrock, ...compatible].map((definition) => [definition.kind, definition]),
);
