// The `llm` table: protocols served to clients, and the providers behind them.
import * as z from 'zod';
import { CAPABILITIES } from '../route-words.ts';
import { headerRulesSchema } from './headers.ts';
import { PROVIDER_KINDS } from './kinds.ts';
import { modelRateLimitsSchema, providerRateLimitsSchema, tokenLimitsSchema } from './limits.ts';
import { pattern } from './pattern.ts';
import { modelPriceSchema, pricesSchema } from './prices.ts';
import { retrySchema, routesSchema } from './routes.ts';
import { baseUrl, pathPrefix, rare, secret, timeout } from './values.ts';

const EMPTY = 'must not be empty';

const modelSchema = () =>
  z
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
      headers: headerRulesSchema
        .default([])
        .describe("Header rules for calls to this model, applied after the provider's"),
      rateLimits: modelRateLimitsSchema().optional().describe('Limits for calls to this model'),
      capabilities: z
        .array(z.enum(CAPABILITIES))
        .optional()
        .describe(
          "All that the model can do besides chat, for routes. Default: what the package's list of models says",
        ),
      contextWindow: z
        .int()
        .min(1, 'must be at least 1')
        .optional()
        .describe("Most tokens the model reads, for routes. Default: what the package's list says"),
      price: modelPriceSchema.optional(),
      priceAs: z
        .string()
        .min(1, EMPTY)
        .optional()
        .describe('Id of the row of the price list that holds for it, for names no list knows: `gpt-4o`, `groq/…`'),
    })
    .describe('One model. Its key is the name clients use; an empty entry only lists it');

const guardrailSchema = () =>
  z.strictObject({
    identifier: z
      .string()
      .regex(
        /^(?:[a-z0-9]{1,64}|arn:aws[a-z-]*:bedrock:[a-z0-9-]{1,20}:\d{12}:guardrail\/[a-z0-9]{1,64})$/,
        'must be the id or the ARN of a guardrail',
      )
      .describe('Id or ARN of the guardrail'),
    version: z
      .string()
      .regex(/^(?:[1-9]\d{0,7}|DRAFT)$/, 'must be the number of a version, as text, or "DRAFT"')
      .describe('Its version: a number as text, or `DRAFT`'),
    trace: z
      .enum(['enabled', 'enabled_full', 'disabled'])
      .optional()
      .describe('Whether the answer says why it intervened, which no client is shown. Default: it does not'),
    streamProcessingMode: z
      .enum(['sync', 'async'])
      .optional()
      .describe('Whether a stream waits until it has been looked at. Default: `sync`, it does'),
  });

const providerSchema = (kinds: readonly string[]) =>
  z
    .strictObject({
      type: z.enum(kinds).describe('The vendor: decides address, dialect and where the key goes'),
      apiKey: secret().optional().describe('Key for the provider. Empty counts as absent. Shown nowhere'),
      apiKeys: z
        .array(secret())
        .optional()
        .describe(
          'Several keys instead of `apiKey`: calls take them in turn, and one that is refused or limited rests',
        ),
      forwardToken: z
        .boolean()
        .default(false)
        .describe("Whether a client's own key, sent in `X-Provider-API-Key`, goes before the configured one"),
      baseUrl: baseUrl()
        .optional()
        .describe(
          "Where the provider's API is, up to and including its version. Default: the vendor's own; required for azure",
        ),
      apiVersion: z
        .string()
        .regex(/^[A-Za-z0-9.-]{1,64}$/, 'must be a version such as "2024-10-21"')
        .optional()
        .describe('The `api-version` azure is asked for. Default: `2024-10-21`; none below `/openai/v1`'),
      region: z
        .string()
        .regex(/^[a-z0-9-]{1,64}$/, 'must be a region such as "us-east-1"')
        .optional()
        .describe('Region of bedrock. Default: `AWS_REGION`, `AWS_DEFAULT_REGION`, else `us-east-1`'),
      accessKeyId: secret()
        .optional()
        .describe(
          'Access key for bedrock, together with `secretAccessKey`. Default: what the AWS SDK finds in environment, profile and machine',
        ),
      secretAccessKey: secret().optional().describe('The secret of `accessKeyId`. Shown nowhere'),
      sessionToken: secret().optional().describe('Token of temporary keys. Shown nowhere'),
      profile: z
        .string()
        .min(1, EMPTY)
        .optional()
        .describe('Profile of the shared AWS files that bedrock is called with, instead of keys'),
      guardrail: rare(guardrailSchema).describe(
        'Guardrail of the AWS account that every conversation with bedrock passes',
      ),
      headers: headerRulesSchema
        .default([])
        .describe("Header rules, applied in order; without any, none of the client's headers reaches the provider"),
      timeout: timeout().optional().describe('Longest time a whole call may take. Default: `llm.timeout`'),
      firstByteTimeout: timeout()
        .optional()
        .describe('Longest wait for the first event of a stream. Default: `llm.firstByteTimeout`'),
      idleTimeout: timeout()
        .optional()
        .describe('Longest silence between two pieces of a stream. Default: `llm.idleTimeout`'),
      strictParams: z
        .boolean()
        .optional()
        .describe(
          'Whether a request is refused (400) when this provider cannot be told all of its fields. Default: `llm.strictParams`',
        ),
      modelsOnly: z
        .boolean()
        .optional()
        .describe(
          'Whether only models listed here or matching `modelFilter` can be called. Default: false (true where `llm.path` is given)',
        ),
      rateLimits: rare(providerRateLimitsSchema).describe('Limits for calls to the provider'),
      modelFilter: pattern('model_filter')
        .optional()
        .describe(
          'Regular expression, in any case and anywhere in the id: only matching or listed models can be called',
        ),
      models: z
        .record(z.string().min(1), z.lazy(modelSchema))
        .default({})
        .describe("Models of the provider, by the name clients use after the provider's name and a slash"),
    })
    .describe('One account at a vendor, or one server that speaks a known dialect');

const protocolSchema = (dialect: string, paths: string) =>
  z
    .strictObject({
      enabled: z.boolean().default(true).describe(`Whether clients can speak ${dialect} dialect`),
      path: pathPrefix().optional().describe(`The one path below which it is served. Default: ${paths}`),
    })
    .prefault({});

const discoverySchema = z
  .strictObject({
    enabled: z
      .boolean()
      .optional()
      .describe(
        'Whether providers are asked for their models. Default: true, unless `modelsOnly` holds for every provider',
      ),
    interval: timeout().prefault('5m').describe('Time between two questions to a provider'),
    required: z
      .boolean()
      .default(false)
      .describe('Whether a provider that cannot be asked at the start keeps Nexus from starting'),
    timeout: timeout().prefault('10s').describe('Longest time one provider may take to answer, all pages together'),
  })
  .prefault({});

const providerName = z
  .string()
  .min(1)
  .refine((name) => !name.includes('/'), 'a provider name must not contain "/"');

export const llmSchema = (kinds: readonly string[] = PROVIDER_KINDS) =>
  z
    .strictObject({
      enabled: z.boolean().default(true).describe('Whether models are served at all'),
      path: pathPrefix()
        .optional()
        .describe('Deprecated name of `llm.protocols.openai.path`; also makes `modelsOnly` true for all providers'),
      legacyPaths: z
        .boolean()
        .default(true)
        .describe(
          'Whether `/llm` is served beside `/llm/openai` and `/llm/anthropic`, as long as no path is configured for them',
        ),
      protocols: z
        .strictObject({
          openai: protocolSchema("OpenAI's", '`/llm/openai`, and `/llm` with `legacyPaths`').describe(
            "OpenAI's dialect: chat completions, responses and the list of models",
          ),
          anthropic: protocolSchema("Anthropic's", '`/llm/anthropic`, and `/llm` with `legacyPaths`').describe(
            "Anthropic's dialect: messages",
          ),
          google: protocolSchema("Google's", '`/llm/google`').describe("Google's dialect: generateContent"),
        })
        .prefault({})
        .describe('The dialects clients can speak'),
      tokenLimits: tokenLimitsSchema.describe(
        'Limits of tokens over all providers, by names of your own; what was reserved on an estimate is put right by what was used',
      ),
      prices: pricesSchema.describe('What models cost; for the records'),
      discovery: discoverySchema.describe(
        'Asking the providers for their models, which clients may then name without the provider',
      ),
      timeout: timeout().prefault('10m').describe('Longest time a whole call may take, a stream included'),
      firstByteTimeout: timeout().prefault('2m').describe('Longest wait for the first event of a stream'),
      idleTimeout: timeout().prefault('60s').describe('Longest silence between two pieces of a stream'),
      strictParams: z
        .boolean()
        .default(false)
        .describe(
          'Whether a request is refused (400) when a provider of another dialect cannot be told all of its fields. Otherwise they are left out and named in `X-Nexus-Dropped`',
        ),
      retry: retrySchema.describe('Calling a provider again after a failure, while nothing has reached the client'),
      keepaliveAfter: timeout()
        .prefault('10s')
        .describe('When a client of a stream that has no content yet is sent the head and comments, so that it stays'),
      explain: z
        .boolean()
        .default(false)
        .describe(
          'Whether a client can ask, with `X-Nexus-Explain: true`, where its request would go instead of sending it',
        ),
      routes: routesSchema.describe('Virtual models, by the name clients use: `name` or `route:name`'),
      providers: z
        .record(providerName, providerSchema(kinds))
        .default({})
        .describe('Providers, by the name clients put before the slash of a model id; names contain no slash'),
    })
    .describe('Language models');
