// The `llm.routes` table: virtual models, and how a failed call is tried again.
import * as z from 'zod';
import { FAILURE_CLASSES, STRATEGIES, TASKS, TIERS } from '../route-words.ts';
import { type Condition, parseCondition } from './condition.ts';
import { timeout } from './values.ts';

const fraction = () => z.number().min(0, 'must not be negative').max(1, 'must be at most 1');
const count = (most: number) => z.int().min(1, 'must be at least 1').max(most, `must be at most ${most}`);

const retryTable = z.strictObject({
  attempts: count(5).default(2).describe('Most calls to one target'),
  on: z
    .array(z.enum(['network', 'timeout', 'rate_limit', 'server']))
    .default(['network', 'rate_limit', 'server'])
    .describe('Failures after which the same target is called again. A `timeout`, once, only where it is named'),
  backoffInitial: timeout().prefault('250ms').describe('Wait before the second call; doubles with each further one'),
  backoffMax: timeout().prefault('5s').describe('Longest wait between two calls'),
  jitter: fraction().default(0.2).describe('Share of a wait by which it may be longer or shorter'),
  maxRetryAfter: timeout()
    .prefault('10s')
    .describe("Longest `Retry-After` that is waited for; with a longer one the target isn't called again"),
});

export const retrySchema = retryTable.prefault({});

const breakerSchema = () =>
  z
    .strictObject({
      failures: count(1000).default(5).describe('So many failures in a row open the breaker'),
      ratio: fraction().default(0.5).describe('Share of failures in the window that opens it'),
      minRequests: count(100_000).default(10).describe('Fewest calls in the window for the share to count'),
      window: timeout().prefault('60s').describe('How far back the share looks'),
      cooldown: timeout()
        .prefault('30s')
        .describe('Time until one call is let through as a trial; doubles, up to 5 minutes, when that fails'),
    })
    .prefault({});

const weight = () => z.number().min(0, 'must not be negative').max(1_000_000, 'must be at most 1000000');

const targetSchema = () =>
  z.union([
    z.string(),
    z.strictObject({
      model: z.string().describe('`provider/model`, or a route: its name, or `route:name`'),
      weight: weight()
        .default(1)
        .describe('Share among the weights of the route; also divides load and latency. 0: drained, never chosen'),
      tier: z
        .enum(TIERS)
        .optional()
        .describe('For smart and `caller_priority`: how hard a request it is meant for. Absent: any'),
      tasks: z
        .array(z.enum(TASKS))
        .min(1, 'must not be empty')
        .optional()
        .describe(
          'For smart: the tasks it is good at; it is asked for others only when nobody else is left. Absent: any',
        ),
    }),
  ]);

const sticky = () =>
  z
    .string()
    .regex(/^(?:none|key|user|session|header:[a-z0-9-]{1,64})$/, 'must be none, key, user, session or header:<name>');

/** A condition as written; judged when the configuration is. */
const condition = () =>
  z.record(z.string(), z.unknown()).transform((value, context): Condition => {
    const parsed = parseCondition(value);
    if (typeof parsed !== 'string') return parsed;
    context.addIssue(parsed);
    return z.NEVER;
  });

const branchSchema = () =>
  z.strictObject({
    when: condition().describe('What must hold: fields and operators, `all`, `any`, `not`'),
    use: z.string().describe('`provider/model`, or a route'),
  });

export const routeSchema = () =>
  z
    .strictObject({
      strategy: z.enum(STRATEGIES).default('fallback').describe('How the targets are ordered for a request'),
      targets: z.array(targetSchema()).default([]).describe('Candidates: ids, or tables with a weight'),
      fallback: z.array(z.string()).default([]).describe('Tried in this order when all targets have failed'),
      sticky: sticky()
        .optional()
        .describe(
          'Whose calls stay on one target while it is healthy: `none`, `key`, `user`, `session`, `header:<name>`. Default: none; with ab the user, else the key',
        ),
      timeout: timeout().optional().describe("Longest time for all attempts together. Default: the provider's"),
      firstByteTimeout: timeout()
        .optional()
        .describe(
          "Longest wait of an attempt for its first content; given here, for the first byte of a whole answer too. Default: the provider's",
        ),
      idleTimeout: timeout().optional().describe("Longest silence between two pieces. Default: the provider's"),
      retry: retryTable.optional().describe('Calling the same target again. Default: `llm.retry`'),
      breaker: breakerSchema().describe('When a failing target is passed over'),
      maxAttemptsTotal: count(20).default(6).describe('Most calls for one request, all targets together'),
      fallbackOn: z
        .array(z.enum(FAILURE_CLASSES))
        .default(['network', 'timeout', 'rate_limit', 'quota', 'server', 'auth', 'missing_model', 'context_length'])
        .describe('Failures after which the next target is tried'),
      failover: z.boolean().optional().describe('Whether another target is tried at all. Default: true; false with ab'),
      experiment: z
        .string()
        .min(1, 'must not be empty')
        .optional()
        .describe("Name of an ab test. Default: the route's"),
      metric: z
        .enum(['latency', 'per_token'])
        .default('latency')
        .describe('What latency compares: times, or the time of a whole answer by its tokens'),
      decay: timeout().prefault('30s').describe('Time in which what latency has learnt fades'),
      explore: fraction().default(0.02).describe('Share of calls that latency sends to the second best of two targets'),
      maxInputPrice: z
        .number()
        .min(0)
        .optional()
        .describe('US dollars per million tokens; dearer targets are left out'),
      maxOutputPrice: z.number().min(0).optional().describe('The same for what is written'),
      branches: z.array(branchSchema()).default([]).describe('For conditional: the first whose `when` holds is used'),
      default: z
        .string()
        .optional()
        .describe(
          'For conditional: what is used when no branch holds. For smart, which needs one: the target for requests that say nothing, and whenever the classifier fails',
        ),
      classifier: z
        .string()
        .default('heuristic')
        .describe(
          'For smart: who judges requests. `heuristic` looks at the text; `provider/model`, or a route, is asked',
        ),
      callerPriority: z
        .boolean()
        .default(false)
        .describe(
          'Whether `X-Nexus-Priority` of a request orders the targets: `latency`, `cost`, or `quality` (the largest tier first)',
        ),
    })
    .describe('A virtual model: a name for several targets');

const routeName = z
  .string()
  .min(1)
  .refine((name) => !name.includes('/'), 'a route name must not contain "/"')
  .refine((name) => !name.startsWith('route:'), 'a route name must not begin with "route:"');

export const routesSchema = z.record(routeName, z.lazy(routeSchema)).default({});
