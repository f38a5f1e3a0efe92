// Who calls, and from where: the `server.oauth`, `client_identification`, `client_ip` and `trusted_proxies` parts.
import * as z from 'zod';
import { headerName } from './browser.ts';
import { duration, formed, refuse, timeout } from './values.ts';

const EMPTY = 'must not be empty';
const LARGEST_LEEWAY = 60_000;

/** An absolute http or https URL → normalised: a bare origin gets its slash. */
function absoluteUrl() {
  const schema = z.string().transform((value, context): string => {
    const text = value.trim();
    if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
      return refuse(context, 'must be an absolute URL that starts with http:// or https://');
    }
    const url = new URL(text);
    if (url.username !== '' || url.password !== '') return refuse(context, 'must not contain a user name or password');
    if (url.hash !== '') return refuse(context, 'must not contain a fragment');
    return url.href;
  });
  return formed('url', schema);
}

function leeway() {
  return duration().transform((milliseconds, context): number =>
    milliseconds > LARGEST_LEEWAY ? refuse(context, 'must be at most one minute') : milliseconds,
  );
}

const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be a scope, without blanks and quotes');

export const oauthSchema = () =>
  z
    .strictObject({
      url: absoluteUrl().describe('Where the key set (JWKS) of the authorization server is'),
      pollInterval: timeout()
        .optional()
        .describe('How long a fetched key set counts. Default: until a token names a key it does not have'),
      expectedIssuer: z.string().min(1, EMPTY).optional().describe('The `iss` tokens must have. Default: not checked'),
      expectedAudience: z
        .string()
        .min(1, EMPTY)
        .optional()
        .describe('One of the `aud` tokens must have. Default: not checked'),
      requiredScopes: z.array(scope).default([]).describe('Scopes a token must have, all of them'),
      leeway: leeway()
        .prefault('60s')
        .describe("How far clocks may differ where a token's times are checked; at most a minute"),
      protectedResource: z
        .strictObject({
          resource: absoluteUrl().describe('URL clients reach Nexus by'),
          authorizationServers: z
            .array(absoluteUrl())
            .min(1, EMPTY)
            .describe('Authorization servers that issue tokens for it'),
        })
        .describe('What clients are told about where to get a token (RFC 9728)'),
    })
    .describe('Callers show a token of an authorization server of yours');

const source = (claim: string) =>
  z.strictObject({
    jwtClaim: z.string().min(1, EMPTY).optional().describe(`Claim of the token, as a dotted path such as "${claim}"`),
    httpHeader: headerName()
      .optional()
      .describe('Header of the request; anybody can send one, so see `trusted_proxies`'),
    source: z.unknown().optional().describe('Deprecated: has no effect'),
    type: z.unknown().optional().describe('Deprecated: has no effect'),
  });

export const clientIdentificationSchema = z
  .strictObject({
    enabled: z.boolean().default(false).describe('Whether every request must say who calls'),
    clientId: source('sub').prefault({ jwtClaim: 'sub' }).describe('Where the id of the caller is: one of the two'),
    groupId: source('org.team')
      .optional()
      .describe('Where the group of the caller is: one of the two. Default: nobody has one'),
    validation: z
      .strictObject({
        groupValues: z
          .array(z.string().min(1, EMPTY))
          .default([])
          .describe('Groups there are; a caller with another one is refused. Default: any'),
      })
      .prefault({})
      .describe('What values are taken'),
  })
  .describe('How callers are told apart');

export const clientIpSchema = z
  .strictObject({
    xRealIp: z.boolean().default(false).describe('Whether `X-Real-IP` says where a request comes from'),
    xForwardedForTrustedHops: z
      .int()
      .min(0)
      .optional()
      .describe('Which entry of `X-Forwarded-For` does, counted from the right and from 0. Default: none'),
  })
  .describe('Where requests come from, behind a proxy');

export const trustedProxies = () =>
  z
    .array(
      z.string().transform((value, context): string => {
        const text = value.trim();
        return isNetwork(text) ? text : refuse(context, 'must be an address or a network such as "10.0.0.0/8"');
      }),
    )
    .optional()
    .describe('Addresses and networks whose headers about callers are believed. Default: anybody is');

const OCTET = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);

/** The platform knows IPv6 best, and says so through URLs. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const isV4 = IPV4.test(address);
  if (rest.length > 0 || !(isV4 || (address.includes(':') && URL.canParse(`http://[${address}]`)))) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (isV4 ? 32 : 128));
}
