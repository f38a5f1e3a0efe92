// The `llm` table: protocols served to clients, and the providers behind them.
import * as z from 'zod';
import { baseUrl, pathPrefix, secret, timeout } from './values.ts';

const EMPTY = 'must not be empty';

const modelSchema = z
  .strictObject({
    rename: z
      .string()
      .min(1, EMPTY)
      .optional()
      .describe("The provider's name for the model. Default: the key of this entry"),
    upstream: z
      .string()
      .min(1, EMPTY)
      .optional()
      .describe('The same as `rename`, said more clearly; give one of the two'),
    maxTokens: z.unknown().optional().describe('Deprecated: has no effect; accepted because older files contain it'),
  })
  .describe('One model. Its key is the name clients use; an empty entry only lists it');

const providerFields = {
  apiKey: secret().optional().describe('Key for the provider. Empty counts as absent. Shown nowhere'),
  timeout: timeout().optional().describe('Longest time a whole call may take. Default: `llm.timeout`'),
  firstByteTimeout: timeout()
    .optional()
    .describe('Longest wait for the first event of a stream. Default: `llm.firstByteTimeout`'),
  idleTimeout: timeout()
    .optional()
    .describe('Longest silence between two pieces of a stream. Default: `llm.idleTimeout`'),
  modelsOnly: z
    .boolean()
    .optional()
    .describe('Whether only the models listed here can be called. Default: false (true where `llm.path` is given)'),
  models: z
    .record(z.string().min(1), modelSchema)
    .default({})
    .describe("Models of the provider, by the name clients use after the provider's name and a slash"),
};

const baseUrlField = (standard: string) =>
  baseUrl()
    .optional()
    .describe(`Where the provider's API is, up to and including its version. Default: \`${standard}\``);

const providerSchema = z
  .discriminatedUnion('type', [
    z
      .strictObject({
        type: z.literal('openai').describe("Speaks OpenAI's chat completions"),
        baseUrl: baseUrlField('https://api.openai.com/v1'),
        ...providerFields,
      })
      .describe('OpenAI, or any service that is compatible with it'),
    z
      .strictObject({
        type: z.literal('anthropic').describe("Speaks Anthropic's messages"),
        baseUrl: baseUrlField('https://api.anthropic.com/v1'),
        ...providerFields,
      })
      .describe('Anthropic, or any service that is compatible with it'),
  ])
  .describe('One account at a vendor');

const providerName = z
  .string()
  .min(1)
  .refine((name) => !name.includes('/'), 'a provider name must not contain "/"');

export const llmSchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Whether models are served at all'),
    path: pathPrefix()
      .optional()
      .describe('Deprecated name of `llm.protocols.openai.path`; also makes `modelsOnly` true for all providers'),
    legacyPaths: z
      .boolean()
      .default(true)
      .describe('Whether `/llm` is served beside `/llm/openai`, as long as no path is configured'),
    protocols: z
      .strictObject({
        openai: z
          .strictObject({
            enabled: z.boolean().default(true).describe("Whether clients can speak OpenAI's dialect"),
            path: pathPrefix()
              .optional()
              .describe('The one path below which it is served. Default: `/llm/openai`, and `/llm` with `legacyPaths`'),
          })
          .prefault({})
          .describe("OpenAI's dialect: chat completions and the list of models"),
      })
      .prefault({})
      .describe('The dialects clients can speak'),
    timeout: timeout().prefault('10m').describe('Longest time a whole call may take, a stream included'),
    firstByteTimeout: timeout().prefault('2m').describe('Longest wait for the first event of a stream'),
    idleTimeout: timeout().prefault('60s').describe('Longest silence between two pieces of a stream'),
    providers: z
      .record(providerName, providerSchema)
      .default({})
      .describe('Providers, by the name clients put before the slash of a model id; names contain no slash'),
  })
  .describe('Language models');
