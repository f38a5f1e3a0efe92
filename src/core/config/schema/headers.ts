// Header rules: which of a client's headers a provider gets, and which are added on the way.
import * as z from 'zod';
import { Secret } from '../secret.ts';
import { pattern } from './pattern.ts';
import { hidden } from './values.ts';

/** They say where a message ends and whom it is for; a wrong one lets one request pass as two. */
const FRAMING: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const NAME_RULE = 'must be a header name: letters, digits and "-", no blanks';

/** A header's name → lower case. */
const headerName = () =>
  z.string().transform((value, context): string => {
    if (/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/.test(value)) return value.toLowerCase();
    context.addIssue(NAME_RULE);
    return z.NEVER;
  });

/** The name of a header that a rule sends. */
const sentName = () =>
  headerName().refine((name) => !FRAMING.has(name), 'must not be a header that frames the message or names its host');

/** Text a header can carry; it may well be a credential. */
const headerValue = () =>
  hidden(
    z.string().transform((value, context): string => {
      if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value.trim();
      context.addIssue('must be text a header can carry: no line breaks or other control characters');
      return z.NEVER;
    }),
  );

const ONE_OF_TWO = 'give either name or pattern';
const namesOne = ({ name, pattern }: { name?: unknown; pattern?: unknown }): boolean =>
  (name === undefined) !== (pattern === undefined);

const forwardRule = () =>
  z
    .strictObject({
      rule: z.literal('forward').describe("Passes on the client's own header"),
      name: headerName().optional().describe('The header to pass on; this or `pattern`'),
      pattern: pattern('header name')
        .optional()
        .describe('Passes on all headers whose name matches, in any case; never credentials, those must be named'),
      default: headerValue().optional().describe('Value where the client sends none; only with `name`'),
      rename: sentName().optional().describe('Name it gets on the way. Default: the one it has'),
    })
    .refine(namesOne, ONE_OF_TWO);

const insertRule = () =>
  z.strictObject({
    rule: z.literal('insert').describe('Adds a header, in the place of one of the same name'),
    name: sentName().describe('The header to add'),
    // Hidden last: describing a schema copies it.
    value: hidden(
      headerValue()
        .transform((value) => new Secret(value))
        .describe('Its value. Shown nowhere'),
    ),
  });

const removeRule = () =>
  z
    .strictObject({
      rule: z.literal('remove').describe('Takes back what rules before this one did'),
      name: headerName().optional().describe('The header to take out; this or `pattern`'),
      pattern: pattern('header name').optional().describe('Takes out all headers whose name matches, in any case'),
    })
    .refine(namesOne, ONE_OF_TWO);

const renameDuplicateRule = () =>
  z.strictObject({
    rule: z.literal('rename_duplicate').describe("Passes on the client's own header under two names"),
    name: sentName().describe('The header to pass on'),
    rename: sentName().describe('The second name'),
    default: headerValue().optional().describe('Value where the client sends none'),
  });

/** For requests that are not a client's own: there is nothing to forward. */
export const insertRulesSchema = z.array(z.lazy(insertRule));

/** Applied in order, the provider's before the model's. */
export const headerRulesSchema = z.array(
  z.lazy(() => z.discriminatedUnion('rule', [forwardRule(), insertRule(), removeRule(), renameDuplicateRule()])),
);
