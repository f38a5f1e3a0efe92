// The `mcp` table as the house reads it: each server is a program or a remote one, with the keys that mean something
// there.
import type * as z from 'zod';
import { type ParsedServerRates, resolveServerRates } from './resolve-limits.ts';
import type { mcpSchema } from './schema/mcp.ts';
import type { Secret } from './secret.ts';

type Validated = z.output<typeof mcpSchema>;
type ValidatedServer = Validated['servers'][string];

export interface ParsedMcp {
  readonly enabled: boolean;
  readonly path: string;
  readonly tools: 'search' | 'all';
  readonly namespace: boolean;
  readonly enableStructuredContent: boolean;
  readonly jsonResponse: boolean;
  readonly groupless: 'rules' | 'hidden';
  readonly name: string | undefined;
  /** In lower case. */
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly stateSecret: Secret | undefined;
  /** `idleTimeout` in milliseconds. */
  readonly downstreamCache: { readonly maxSize: number; readonly idleTimeout: number };
  /** In the order of the file. No prototype: any name is safe to look up. */
  readonly servers: Readonly<Record<string, ParsedMcpServer>>;
}

export type ParsedMcpServer = ParsedStdioServer | ParsedHttpServer;

interface ParsedServer {
  readonly name: string;
  /** Groups; absent means no rule. */
  readonly allow: readonly string[] | undefined;
  readonly deny: readonly string[] | undefined;
  /** By the server's own names. No prototype. */
  readonly tools: Readonly<Record<string, ParsedMcpTool>>;
  readonly rates: ParsedServerRates | undefined;
  readonly startTimeout: number;
  readonly timeout: number;
  readonly clientFeatures: boolean;
  readonly era: 'auto' | 'legacy' | 'modern';
}

export interface ParsedMcpTool {
  readonly allow: readonly string[] | undefined;
  readonly deny: readonly string[] | undefined;
  readonly timeout: number | undefined;
}

export interface ParsedStdioServer extends ParsedServer {
  readonly kind: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, Secret>>;
  readonly inheritEnv: boolean;
  readonly cwd: string | undefined;
  readonly stderr: 'pipe' | 'inherit' | 'null' | { readonly file: string };
}

export interface ParsedHttpServer extends ParsedServer {
  readonly kind: 'http';
  readonly url: string;
  readonly protocol: 'auto' | 'sse' | 'streamable-http';
  readonly messageUrl: string | undefined;
  readonly tls: ParsedMcpTls | undefined;
  readonly auth: ParsedMcpAuth | undefined;
  /** Those of all servers, then its own; later ones win. */
  readonly headers: readonly ParsedInsertRule[];
}

export interface ParsedInsertRule {
  readonly name: string;
  readonly value: Secret;
}

export interface ParsedMcpTls {
  readonly verifyCerts: boolean;
  readonly acceptInvalidHostnames: boolean;
  readonly rootCaCertPath?: string | undefined;
  readonly clientCertPath?: string | undefined;
  readonly clientKeyPath?: string | undefined;
}

export type ParsedMcpAuth =
  | { readonly type: 'token'; readonly token: Secret }
  | { readonly type: 'forward' }
  | {
      readonly type: 'client_credentials';
      readonly tokenUrl: string | undefined;
      readonly clientId: string;
      readonly client: ParsedClientProof;
      readonly scope: string | undefined;
    };

/** What a client shows a token endpoint: a secret, or a statement signed with a key (PKCS #8 in PEM). */
export type ParsedClientProof =
  | { readonly secret: Secret }
  | { readonly privateKey: Secret; readonly signingAlgorithm: string };

export function resolveMcp(validated: Validated): ParsedMcp {
  const servers: Record<string, ParsedMcpServer> = Object.create(null);
  for (const [name, server] of Object.entries(validated.servers)) {
    servers[name] = resolveServer(name, server, validated.headers);
  }
  const { enabled, path, tools, namespace, enableStructuredContent, jsonResponse, downstreamCache } = validated;
  const { groupless, name, allowedOrigins, stateSecret } = validated;
  const allowedHosts = validated.allowedHosts.map((host) => host.toLowerCase());
  return {
    enabled,
    path,
    tools,
    namespace,
    enableStructuredContent,
    jsonResponse,
    groupless,
    name,
    allowedHosts,
    allowedOrigins,
    stateSecret,
    downstreamCache,
    servers,
  };
}

/** What contradicts itself in a server is reported by the cross-check; here it is read as far as it goes. */
function resolveServer(name: string, server: ValidatedServer, headers: Validated['headers']): ParsedMcpServer {
  const tools: Record<string, ParsedMcpTool> = Object.create(null);
  for (const [tool, { allow, deny, timeout }] of Object.entries(server.tools)) tools[tool] = { allow, deny, timeout };
  const { allow, deny, startTimeout, timeout, clientFeatures, era } = server;
  const rates = resolveServerRates(server.rateLimits);
  const both = { name, allow, deny, tools, rates, startTimeout, timeout, clientFeatures, era };
  if (server.url !== undefined) {
    return {
      ...both,
      kind: 'http',
      url: server.url,
      protocol: server.protocol ?? (server.messageUrl === undefined ? 'auto' : 'sse'),
      messageUrl: server.messageUrl,
      tls: server.tls,
      auth: resolveAuth(server.auth),
      headers: [...headers, ...server.headers],
    };
  }
  const [command = '', ...args] = server.cmd ?? [];
  const { env, inheritEnv, cwd, stderr } = server;
  return { ...both, kind: 'stdio', command, args, env, inheritEnv, cwd, stderr };
}

function resolveAuth(auth: ValidatedServer['auth']): ParsedMcpAuth | undefined {
  if (auth === undefined) return undefined;
  if (auth.type === 'forward') return { type: 'forward' };
  if (auth.type === 'client_credentials') {
    const { tokenUrl, clientId, clientSecret, privateKey, signingAlgorithm = 'ES256', scope } = auth;
    const client =
      privateKey === undefined ? clientSecret && { secret: clientSecret } : { privateKey, signingAlgorithm };
    if (clientId === undefined || client === undefined) return undefined;
    return { type: 'client_credentials', tokenUrl, clientId, client, scope };
  }
  return auth.token === undefined ? undefined : { type: 'token', token: auth.token };
}
