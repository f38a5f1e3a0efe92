// The whole configuration. Every type, default and description of it is written once, in this folder.
import * as z from 'zod';
import { demoSchema } from './demo.ts';
import { llmSchema } from './llm.ts';
import { mcpSchema } from './mcp.ts';
import { serverSchema } from './server.ts';
import { telemetrySchema } from './telemetry.ts';

// A configuration is read once: compiling its parser, which also takes `new Function`, costs more than it saves.
z.config({ jitless: true });

/** Schema of the configuration in its camelCase form, for providers of these kinds. */
export const configSchemaFor = (kinds?: readonly string[]) =>
  z
    .strictObject({
      server: serverSchema.prefault({}),
      llm: llmSchema(kinds).prefault({}),
      mcp: mcpSchema.prefault({}),
      telemetry: telemetrySchema.optional(),
      demo: demoSchema.optional(),
    })
    .describe('Configuration of Nexus');

/** The same for the built-in kinds. */
export const configSchema = configSchemaFor();
