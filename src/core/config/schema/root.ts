// The whole configuration. Every type, default and description of it is written once, in this folder.
import * as z from 'zod';
import { demoSchema } from './demo.ts';
import { llmSchema } from './llm.ts';
import { serverSchema } from './server.ts';

/** Schema of the configuration in its camelCase form. */
export const configSchema = z
  .strictObject({
    server: serverSchema.prefault({}),
    llm: llmSchema.prefault({}),
    demo: demoSchema.optional(),
  })
  .describe('Configuration of Nexus');
