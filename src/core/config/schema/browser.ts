// What web pages of other sites may do: the `server.cors` and `server.csrf` tables.
import * as z from 'zod';
import { duration, refuse } from './values.ts';

/** `*`, or a list. */
export type Choice<Item> = '*' | readonly Item[];

/** Origins that are named in full, and origins whose host is a pattern. */
export interface OriginChoice {
  readonly exact: readonly string[];
  readonly patterns: readonly OriginPattern[];
}

/** An origin whose host holds `*`, `?`, `[a-z]`, `[!a-z]` or `{one,two}`. */
export interface OriginPattern {
  /** With its colon: `https:`. */
  readonly protocol: string;
  readonly host: string;
  /** Empty for the protocol's own. */
  readonly port: string;
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'CONNECT', 'PATCH', 'TRACE'];
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const PATTERN_MARK = /[?*[\]{}!\\]/;
const LONGEST_ORIGIN = 512;

const oneOrMany = () => z.union([z.string(), z.array(z.string())]);

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

function origins() {
  return oneOrMany().transform((value, context): '*' | OriginChoice => {
    const given = listOf(value);
    if (given.includes('*')) return '*';
    const exact: string[] = [];
    const patterns: OriginPattern[] = [];
    for (const text of given) {
      const origin = readOrigin(text);
      if (origin === undefined)
        return refuse(context, `"${text}" is not an absolute URL such as "https://example.com"`);
      if (typeof origin === 'string') exact.push(origin);
      else patterns.push(origin);
    }
    return { exact, patterns };
  });
}

/** Only scheme, host and port count. */
function readOrigin(text: string): string | OriginPattern | undefined {
  const trimmed = text.trim();
  if (trimmed.length > LONGEST_ORIGIN) return undefined;
  const match = /^([a-z][a-z0-9+.-]*:)\/\/([^/]+)/i.exec(trimmed);
  const [, scheme = '', authority = ''] = match ?? [];
  if (match === null) return undefined;
  if (!PATTERN_MARK.test(authority) || /^\[[0-9a-f:.]+\](?::\d+)?$/i.test(authority)) {
    if (!URL.canParse(trimmed)) return undefined;
    const url = new URL(trimmed);
    return url.host === '' ? undefined : `${url.protocol}//${url.host}`;
  }
  const parts = /^(.*?)(?::(\d{1,5}))?$/.exec(authority.toLowerCase());
  const protocol = scheme.toLowerCase();
  const port = parts?.[2] ?? '';
  const isStandard = (protocol === 'https:' && port === '443') || (protocol === 'http:' && port === '80');
  return { protocol, host: parts?.[1] ?? '', port: isStandard ? '' : port };
}

function methods() {
  return oneOrMany().transform((value, context): Choice<string> => {
    const given = listOf(value);
    if (given.includes('*')) return '*';
    const unknown = given.find((name) => !METHODS.includes(name));
    if (unknown !== undefined) {
      return refuse(context, `unknown variant "${unknown}"; must be "*" or some of ${METHODS.join(', ')}`);
    }
    return [...new Set([...given, 'OPTIONS'])];
  });
}

function headerNames() {
  return oneOrMany().transform((value, context): Choice<string> => {
    const given = listOf(value);
    if (given.includes('*')) return '*';
    const wrong = given.find((name) => !TOKEN.test(name));
    return wrong === undefined ? given : refuse(context, `"${wrong}" is not the name of a header`);
  });
}

/** The name of one header → in lower case. */
export function headerName() {
  return z.string().transform((value, context): string => {
    const name = value.trim().toLowerCase();
    return TOKEN.test(name) ? name : refuse(context, 'must be the name of a header');
  });
}

export const corsSchema = () =>
  z
    .strictObject({
      allowCredentials: z
        .boolean()
        .default(false)
        .describe('Whether pages may send credentials; not together with a `*`'),
      allowOrigins: origins()
        .optional()
        .describe(
          'Origins whose pages may read answers: `"*"`, one, or a list; a host may hold `*`, `?`, `[…]` and `{…}`',
        ),
      maxAge: duration().optional().describe('How long a browser may keep the answer to its question'),
      allowMethods: methods().optional().describe('Methods pages may use: `"*"`, one, or a list'),
      allowHeaders: headerNames().optional().describe('Headers pages may send: `"*"`, one, or a list'),
      exposeHeaders: headerNames().optional().describe('Headers of answers pages may read: `"*"`, one, or a list'),
      allowPrivateNetwork: z
        .boolean()
        .default(false)
        .describe('Whether public pages may call a server on a private network'),
    })
    .describe('What pages of other origins may do; without this table nothing is said about it');

export const csrfSchema = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe('Whether requests need a header that forms of other sites cannot send'),
    headerName: headerName().prefault('X-Nexus-CSRF-Protection').describe('Its name; the value may be anything'),
  })
  .describe('Protection against requests that other sites make a browser send');
