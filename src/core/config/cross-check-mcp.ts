// What no single value of the `mcp` table shows: a server that is two things at once or nothing, keys that mean nothing
// for its kind, credentials that are not whole.
import type * as z from 'zod';
import type { CrossIssue } from './cross-check.ts';
import type { mcpSchema } from './schema/mcp.ts';

type Given = z.output<typeof mcpSchema>;
type GivenServer = Given['servers'][string];
type GivenAuth = NonNullable<GivenServer['auth']>;

/** `given` is the `mcp` table as validated. */
export function mcpIssues(given: Given): CrossIssue[] {
  return Object.entries(given.servers).flatMap(([name, server]) => serverIssues(['mcp', 'servers', name], server));
}

function serverIssues(path: readonly PropertyKey[], server: GivenServer): CrossIssue[] {
  if (server.cmd !== undefined && server.url !== undefined) {
    return [{ path, message: 'cmd and url are both given; a server is either a program or a remote one' }];
  }
  if (server.cmd === undefined && server.url === undefined) {
    return [{ path, message: 'needs cmd (a program to run) or url (a remote server)' }];
  }
  return server.cmd === undefined ? remoteIssues(path, server) : programIssues(path, server);
}

const REMOTE_KEYS = ['protocol', 'messageUrl', 'tls', 'auth'] as const;

function programIssues(path: readonly PropertyKey[], server: GivenServer): CrossIssue[] {
  const meaningless: string[] = REMOTE_KEYS.filter((key) => server[key] !== undefined);
  if (server.headers.length > 0) meaningless.push('headers');
  return meaningless.map((key) => ({ path: [...path, key], message: 'has no meaning for a server that is a program' }));
}

function remoteIssues(path: readonly PropertyKey[], server: GivenServer): CrossIssue[] {
  const meaningless: string[] = [];
  if (Object.keys(server.env).length > 0) meaningless.push('env');
  if (server.inheritEnv) meaningless.push('inheritEnv');
  if (server.cwd !== undefined) meaningless.push('cwd');
  const issues: CrossIssue[] = meaningless.map((key) => ({
    path: [...path, key],
    message: 'has no meaning for a remote server',
  }));
  const { protocol, messageUrl, tls, auth } = server;
  if (messageUrl !== undefined && protocol !== undefined && protocol !== 'sse') {
    issues.push({ path: [...path, 'messageUrl'], message: 'has a meaning for the protocol "sse" only' });
  }
  if (tls !== undefined && (tls.clientCertPath === undefined) !== (tls.clientKeyPath === undefined)) {
    issues.push({ path: [...path, 'tls'], message: 'clientCertPath and clientKeyPath belong together; give both' });
  }
  if (protocol === 'sse' && server.era === 'modern') {
    issues.push({ path: [...path, 'era'], message: 'a server that speaks SSE speaks no modern revision' });
  }
  if (auth !== undefined) issues.push(...authIssues([...path, 'auth'], auth));
  return issues;
}

function authIssues(path: readonly PropertyKey[], auth: GivenAuth): CrossIssue[] {
  const { type = 'token' } = auth;
  const proof = auth.privateKey === undefined ? 'clientSecret' : 'privateKey';
  const needed: readonly (keyof GivenAuth)[] =
    type === 'token' ? ['token'] : type === 'client_credentials' ? ['clientId', proof] : [];
  const welcome = new Set<string>(
    type === 'client_credentials'
      ? [...needed, 'tokenUrl', 'scope', 'type', ...(proof === 'privateKey' ? ['signingAlgorithm'] : [])]
      : [...needed, 'type'],
  );
  return [
    ...needed
      .filter((key) => auth[key] === undefined)
      .map((key) => ({ path: [...path, key], message: `is required where the type is "${type}"` })),
    ...Object.entries(auth)
      .filter(([key, value]) => value !== undefined && !welcome.has(key))
      .map(([key]) => ({ path: [...path, key], message: `has no meaning where the type is "${type}"` })),
  ];
}
