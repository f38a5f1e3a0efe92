// The whole configuration. Every type, default and description of it is written once, in this folder.
import * as z from 'zod';
import { demoSchema } from './demo.ts';
import { llmSchema } from './llm.ts';
import { mcpSchema } from './mcp.ts';
import { serverSchema } from './server.ts';
import { telemetrySchema } from './telemetry.ts';
import { rare } from './values.ts';

/** Schema of the configuration in its camelCase form, for providers of these kinds. */
export const configSchemaFor = (kinds?: readonly string[]) =>
  z
    .strictObject({
      server: serverSchema.prefault({}),
      llm: llmSchema(kinds).prefault({}),
      mcp: mcpSchema.prefault({}),
      telemetry: rare(telemetrySchema),
      demo: rare(demoSchema),
    })
    .describe('Configuration of Nexus');

/** The same for the built-in kinds. */
export const configSchema = configSchemaFor();
