// Limits: requests and tokens per interval, and where they are counted.
import * as z from 'zod';
import { Secret } from '../secret.ts';
import { parseDuration } from '../units.ts';
import { formed, hidden, rare, timeout } from './values.ts';

const EMPTY = 'must not be empty';
const LONGEST_INTERVAL = 366 * 86_400_000;
/** Counts stay exact far above it, in every store. */
const HIGHEST_LIMIT = 1e12;

/** A duration above zero → milliseconds; nothing waits for it, so it may be longer than timers can. */
const interval = () =>
  formed(
    'duration',
    z.union([z.string(), z.number()]).transform((value, context): number => {
      const milliseconds = parseDuration(value);
      if (milliseconds !== undefined && milliseconds > 0 && milliseconds <= LONGEST_INTERVAL) return milliseconds;
      context.addIssue('must be a duration above zero and of at most a year, such as "60s" or "1h"');
      return z.NEVER;
    }),
  ).describe('Time in which the limit holds, wherever one begins to measure');

const most = (what: string) =>
  z
    .int()
    .min(1, 'must be at least 1; leave the limit out for no limit')
    .max(HIGHEST_LIMIT)
    .describe(`Most ${what} in any interval`);

const requestRate = z.strictObject({ limit: most('requests'), interval: interval() });

const storageUrl = () =>
  hidden(
    formed(
      'redis-url',
      z.string().transform((value, context): Secret => {
        const text = value.trim();
        if (/^rediss?:\/\//i.test(text) && URL.canParse(text)) return new Secret(text);
        context.addIssue('must be a URL that starts with redis:// or rediss://');
        return z.NEVER;
      }),
    ),
  );

const poolSize = (what: string) =>
  z.int().min(0).optional().describe(`Deprecated: has no effect, one connection carries everything. ${what}`);
const poolTime = (what: string) =>
  timeout().optional().describe(`Deprecated: has no effect, one connection carries everything. ${what}`);

const storageSchema = z.strictObject({
  type: z
    .enum(['memory', 'redis'])
    .default('memory')
    .describe('Where it is counted: in this process, or in Redis for all processes together'),
  url: storageUrl().optional().describe('Where Redis is, with user and password if need be. Shown nowhere'),
  keyPrefix: z
    .string()
    .max(200)
    .default('nexus:rate_limit:')
    .describe('What the keys in Redis begin with; processes with the same prefix share their counts'),
  responseTimeout: timeout().prefault('100ms').describe('Longest wait for an answer of Redis'),
  connectionTimeout: timeout().prefault('5s').describe('Longest wait for a connection to Redis'),
  pool: rare(() =>
    z.strictObject({
      maxSize: poolSize('Most connections'),
      minIdle: poolSize('Connections kept open'),
      timeoutCreate: poolTime('Wait for a connection to be made'),
      timeoutWait: poolTime('Wait for a free connection'),
      timeoutRecycle: poolTime('Wait for a connection to be checked'),
    }),
  ).describe('Deprecated: has no effect, one connection carries everything'),
  tls: rare(() =>
    z.strictObject({
      enabled: z.boolean().default(true).describe('Whether the connection is encrypted; a rediss:// URL says so too'),
      insecure: z.boolean().default(false).describe('Whether any certificate of the server is accepted'),
      caCertPath: z.string().min(1, EMPTY).optional().describe('PEM file of the authority that is trusted'),
      clientCertPath: z.string().min(1, EMPTY).optional().describe('PEM file of our certificate; with `clientKeyPath`'),
      clientKeyPath: z.string().min(1, EMPTY).optional().describe('PEM file of its private key'),
    }),
  ).describe('How the connection to Redis is secured'),
});

export const rateLimitsSchema = z.strictObject({
  enabled: z.boolean().optional().describe('Whether requests are limited. Default: false'),
  headers: z
    .boolean()
    .default(false)
    .describe('Whether answers tell about the limits: `x-ratelimit-*`, and `retry-after` on a refusal'),
  onError: z
    .enum(['memory', 'allow', 'deny'])
    .default('memory')
    .describe('What happens while Redis is away: each process counts alone, all is allowed, or all is refused (503)'),
  storage: storageSchema.prefault({}).describe('Where requests and tokens are counted'),
  global: requestRate.optional().describe('Requests of everybody together'),
  perIp: requestRate.optional().describe('Requests of one network address'),
  perClient: z
    .strictObject({
      limit: most('requests').optional(),
      interval: interval().optional(),
      groups: z
        .record(z.string().min(1), requestRate)
        .default({})
        .describe('Limits for the clients of a group, in the place of the general one'),
    })
    .optional()
    .describe('Requests of one client'),
});

export const serverRateLimitsSchema = () =>
  z.strictObject({
    limit: most('calls of the server, all tools without a limit of their own together'),
    interval: interval(),
    tools: z
      .record(z.string().min(1), z.strictObject({ limit: most('calls of the tool'), interval: interval() }))
      .default({})
      .describe("Limits of single tools, by the name the server gives them, in the place of the server's"),
  });

const tokenLimit = () =>
  z
    .int()
    .min(0)
    .max(HIGHEST_LIMIT)
    .describe('Most input tokens in any interval, estimated from the texts of the messages; 0 is no limit');

const perUserShape = () => ({
  inputTokenLimit: tokenLimit(),
  interval: interval(),
  groups: z
    .record(z.string().min(1), z.strictObject({ inputTokenLimit: tokenLimit(), interval: interval() }))
    .default({})
    .describe('Limits for the clients of a group, in the place of the general one'),
});

export const modelRateLimitsSchema = () =>
  z.strictObject({
    perUser: z
      .strictObject(perUserShape())
      .optional()
      .describe("Input tokens of one client with this model, in the place of the provider's limit"),
  });

export const providerRateLimitsSchema = () =>
  z.strictObject({
    perUser: z
      .strictObject({
        ...perUserShape(),
        shared: z
          .boolean()
          .default(false)
          .describe('Whether the models of the provider share the limit. Otherwise each has its own'),
      })
      .optional()
      .describe('Input tokens of one client, for models without a limit of their own'),
  });

export const tokenLimitsSchema = z
  .record(
    z.string().min(1),
    z.lazy(() =>
      z.strictObject({
        limit: most('tokens'),
        interval: interval(),
        by: z.enum(['client', 'group', 'everyone']).default('client').describe('Whose tokens are counted together'),
        count: z
          .array(z.enum(['input', 'output']))
          .min(1, EMPTY)
          .default(['input', 'output'])
          .describe('Tokens that count: those the model reads, those it writes'),
        groups: z.array(z.string().min(1, EMPTY)).optional().describe('Groups it holds for. Default: everyone'),
        models: z
          .array(z.string().min(1, EMPTY))
          .optional()
          .describe('Models it holds for, as `provider/model`; `*` stands for any text. Default: all'),
      }),
    ),
  )
  .default({});
