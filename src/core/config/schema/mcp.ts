// The `mcp` table: MCP servers, and how their tools are offered to clients.
import * as z from 'zod';
import { Secret } from '../secret.ts';
import { insertRulesSchema } from './headers.ts';
import { serverRateLimitsSchema } from './limits.ts';
import { endpointPath, formed, hidden, secret, timeout } from './values.ts';

const EMPTY = 'must not be empty';

/** An absolute http or https URL; it may carry a key in its query, so it is shown nowhere. */
const serverUrl = () =>
  hidden(
    formed(
      'url',
      z.string().transform((value, context): string => {
        const text = value.trim();
        if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
          context.addIssue('must be an absolute URL that starts with http:// or https://');
          return z.NEVER;
        }
        const url = new URL(text);
        if (url.username !== '' || url.password !== '') {
          context.addIssue('must not contain a user name or password');
          return z.NEVER;
        }
        url.hash = '';
        return url.href;
      }),
    ),
  );

const environmentValue = () =>
  hidden(
    formed(
      'secret',
      z.string().transform((value, context): Secret => {
        if (!value.includes('\0')) return new Secret(value);
        context.addIssue('must not contain a NUL character');
        return z.NEVER;
      }),
    ),
  );

const privateKey = () =>
  hidden(
    formed(
      'secret',
      z.string().transform((value, context): Secret => {
        const text = value.trim();
        if (/^-----BEGIN PRIVATE KEY-----\s[\s\w+/=]+-----END PRIVATE KEY-----$/.test(text)) return new Secret(text);
        context.addIssue('must be a private key in PEM (PKCS #8): -----BEGIN PRIVATE KEY----- and what follows');
        return z.NEVER;
      }),
    ),
  );

const groups = () => z.array(z.string().min(1, EMPTY)).optional();

const tlsSchema = () =>
  z.strictObject({
    verifyCerts: z.boolean().default(true).describe('Whether the certificate of the server is checked'),
    acceptInvalidHostnames: z
      .boolean()
      .default(false)
      .describe('Whether a certificate that was issued for another host name is accepted'),
    rootCaCertPath: z
      .string()
      .min(1, EMPTY)
      .optional()
      .describe('PEM file of certificates to trust beside the usual ones'),
    clientCertPath: z
      .string()
      .min(1, EMPTY)
      .optional()
      .describe('PEM file of the certificate to show; with `clientKeyPath`'),
    clientKeyPath: z.string().min(1, EMPTY).optional().describe('PEM file of its private key'),
  });

const authSchema = () =>
  z.strictObject({
    type: z
      .enum(['token', 'forward', 'client_credentials'])
      .optional()
      .describe(
        "`forward` sends the caller's own verified token, `client_credentials` fetches one. Default: `token`, which sends the one given here",
      ),
    // Hidden last: describing a schema copies it.
    token: secret().optional().describe('Bearer token to send. Shown nowhere'),
    tokenUrl: serverUrl()
      .optional()
      .describe(
        "Where a token is fetched; `client_credentials` only. Default: found through the server's OAuth metadata",
      ),
    clientId: z
      .string()
      .min(1, EMPTY)
      .optional()
      .describe('Client id at the token endpoint; `client_credentials` only'),
    clientSecret: secret()
      .optional()
      .describe('Client secret at the token endpoint; `client_credentials` only. Shown nowhere'),
    privateKey: privateKey()
      .optional()
      .describe(
        'Private key (PEM, PKCS #8) to sign with in the place of a client secret; `client_credentials` only. Shown nowhere',
      ),
    signingAlgorithm: z
      .enum(['ES256', 'ES384', 'ES512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'EdDSA'])
      .optional()
      .describe('How `privateKey` signs. Default: `ES256`'),
    scope: z
      .string()
      .min(1, EMPTY)
      .optional()
      .describe('Scopes to ask for, separated by blanks; `client_credentials` only'),
  });

const toolSchema = () =>
  z
    .strictObject({
      allow: groups().describe(
        "Groups that may use the tool, in the place of the server's own rules; an empty list is nobody",
      ),
      deny: groups().describe("Groups that may not use the tool, in the place of the server's own rules"),
      timeout: timeout().optional().describe('Longest time a call of the tool may take. Default: that of the server'),
    })
    .describe('What holds for one tool, by the name its server gives it');

const serverSchema = () =>
  z
    .strictObject({
      cmd: z
        .array(z.string().min(1, EMPTY))
        .min(1, 'command cannot be empty')
        .optional()
        .describe(
          'Program to run and its arguments; the server speaks over its standard input and output. This or `url`',
        ),
      env: z
        .record(z.string().min(1), environmentValue())
        .default({})
        .describe('Environment variables for the program, beside a few harmless ones. Shown nowhere'),
      inheritEnv: z.boolean().default(false).describe('Whether the program gets the whole environment of this process'),
      cwd: z.string().min(1, EMPTY).optional().describe("Directory the program runs in. Default: this process's own"),
      stderr: z
        .union([
          z.enum(['pipe', 'inherit', 'null']),
          z.strictObject({
            file: z.string().min(1, EMPTY).describe('File it is appended to; made where there is none'),
          }),
        ])
        .default('null')
        .describe('Where the standard error of the program goes: `pipe` is the log, with secrets taken out'),
      url: serverUrl().optional().describe('Where a remote server is; this or `cmd`'),
      protocol: z
        .enum(['auto', 'sse', 'streamable-http'])
        .optional()
        .describe('Transport of a remote server. Default: `auto` (streamable HTTP, else SSE); `sse` with `messageUrl`'),
      messageUrl: serverUrl().optional().describe('Where messages to an SSE server are posted. Default: what it says'),
      tls: tlsSchema().optional().describe('How the connection to a remote server is secured'),
      auth: authSchema().optional().describe('How Nexus shows a remote server who it is'),
      headers: insertRulesSchema
        .default([])
        .describe('Headers sent to a remote server, after `mcp.headers` and after its token; later ones win'),
      allow: groups().describe('Groups that may use the server; an empty list is nobody. Default: everyone'),
      deny: groups().describe('Groups that may not use the server'),
      tools: z
        .record(z.string().min(1), z.lazy(toolSchema))
        .default({})
        .describe('Rules for single tools, by the name the server gives them'),
      rateLimits: serverRateLimitsSchema()
        .optional()
        .describe('How often its tools may be called, its prompts and resources read'),
      startTimeout: timeout()
        .prefault('10s')
        .describe('Longest time the server may take until its lists are known; lists do not wait longer for it'),
      timeout: timeout().prefault('60s').describe('Longest time a call may take'),
      clientFeatures: z
        .boolean()
        .default(true)
        .describe(
          'Whether the server may ask the client in turn (elicitation, sampling, roots) while it serves its call',
        ),
      era: z
        .enum(['auto', 'legacy', 'modern'])
        .default('auto')
        .describe(
          'Protocol revisions the server speaks: `legacy` up to 2025-11-25, `modern` from 2026-07-28. `auto` finds out',
        ),
    })
    .describe('One MCP server: a program to run, or a remote one');

const serverName = z
  .string()
  .min(1)
  .refine((name) => !name.includes('__'), 'a server name must not contain "__", which stands between server and tool')
  .refine((name) => !/[/\p{Cc}]/u.test(name), 'a server name must not contain "/" or control characters');

export const mcpSchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Whether MCP is served at all'),
    path: endpointPath()
      .prefault('/mcp')
      .describe('Path of the MCP endpoint; one server alone is below it, by its name'),
    tools: z
      .enum(['search', 'all'])
      .default('search')
      .describe('What clients are offered: two tools to `search` for tools and run them, or `all` tools themselves'),
    namespace: z
      .boolean()
      .default(true)
      .describe("Whether names get their server's in front (`server__tool`); without it equal names are an error"),
    enableStructuredContent: z
      .boolean()
      .default(true)
      .describe('Whether the results of a search also come as structured content'),
    jsonResponse: z
      .boolean()
      .default(false)
      .describe('Whether answers come as plain JSON where no event stream is needed'),
    groupless: z
      .enum(['rules', 'hidden'])
      .default('rules')
      .describe('What callers without a group see: what `allow` and `deny` leave them, or nothing at all (`hidden`)'),
    name: z
      .string()
      .min(1, EMPTY)
      .optional()
      .describe('Name the endpoint gives itself. Default: one made of its servers'),
    allowedHosts: z
      .array(z.string().min(1, EMPTY))
      .default([])
      .describe(
        'Host names (without port) the endpoint may be reached by on a loopback address, beside the loopback ones',
      ),
    allowedOrigins: z
      .array(z.string().min(1, EMPTY))
      .default([])
      .describe('Origins of web pages that may call the endpoint, beside those of its own host; `*` is any'),
    // Hidden last: describing a schema copies it.
    stateSecret: secret()
      .optional()
      .describe(
        'Secret with which replicas sign what clients carry between calls; default: one per process. Shown nowhere',
      ),
    downstreamCache: z
      .strictObject({
        maxSize: z
          .int()
          .min(1)
          .default(1000)
          .describe('Most connections kept for single callers; the least used one goes'),
        idleTimeout: timeout().prefault('10m').describe('How long such a connection is kept without use'),
      })
      .prefault({})
      .describe(
        "Connections that belong to one caller: to servers given the caller's token, or that may ask the client",
      ),
    headers: insertRulesSchema.default([]).describe('Headers sent to all remote servers'),
    servers: z
      .record(serverName, z.lazy(serverSchema))
      .default({})
      .describe('MCP servers, by the name that stands before their tools'),
  })
  .describe('MCP servers and their tools');
