// What no single limit shows: limits of callers nobody tells apart, groups nobody has, a store without an address.
import type * as z from 'zod';
import type { CrossFindings, CrossIssue } from './cross-check.ts';
import type { configSchema } from './schema/root.ts';

type Given = z.output<typeof configSchema>;
type Path = readonly PropertyKey[];

/** How callers are told apart, as far as limits ask. */
interface Identification {
  readonly enabled: boolean;
  readonly groupId?: unknown;
  readonly validation?: { readonly groupValues?: readonly string[] | undefined } | undefined;
}

/** A limit that depends on who calls. */
interface ClientLimit {
  readonly path: Path;
  readonly groups: readonly string[];
  /** Where the groups are named. */
  readonly groupsPath: Path;
}

/** Shortest interval that Redis counts. */
const SHORTEST_SHARED = 1000;

/** `identifies`: the application says in code who calls. */
export function limitFindings(given: Given, identifies: boolean): CrossFindings {
  const issues = [...storageIssues(given), ...perClientIssues(given)];
  if (!identifies) issues.push(...callerIssues(clientLimits(given), identificationOf(given.server)));
  return { issues, warnings: warningsOf(given) };
}

function storageIssues({ server }: Given): CrossIssue[] {
  const { storage } = server.rateLimits;
  const path = ['server', 'rateLimits', 'storage'];
  const issues: CrossIssue[] = [];
  if (storage.type === 'redis' && storage.url === undefined) {
    issues.push({ path: [...path, 'url'], message: 'is required where the type is "redis"' });
  }
  const { tls } = storage;
  if (tls !== undefined && (tls.clientCertPath === undefined) !== (tls.clientKeyPath === undefined)) {
    issues.push({ path: [...path, 'tls'], message: 'clientCertPath and clientKeyPath belong together; give both' });
  }
  return issues;
}

function perClientIssues(given: Given): CrossIssue[] {
  const { perClient, storage } = given.server.rateLimits;
  const path = ['server', 'rateLimits', 'perClient'];
  const issues: CrossIssue[] = [];
  if (perClient !== undefined && (perClient.limit === undefined) !== (perClient.interval === undefined)) {
    issues.push({ path, message: 'limit and interval belong together; give both' });
  } else if (perClient !== undefined && perClient.limit === undefined && Object.keys(perClient.groups).length === 0) {
    issues.push({ path, message: 'needs a limit and an interval, or groups that have them' });
  }
  if (storage.type !== 'redis') return issues;
  for (const [place, interval] of intervals(given)) {
    if (interval < SHORTEST_SHARED)
      issues.push({ path: [...place, 'interval'], message: 'must be at least one second where Redis counts' });
  }
  return issues;
}

function identificationOf(server: {
  readonly rateLimits: unknown;
  readonly clientIdentification?: Identification | undefined;
}): Identification | undefined {
  return server.clientIdentification;
}

/** All intervals of limits, with their places. */
function* intervals({ server, llm, mcp }: Given): Generator<readonly [Path, number]> {
  const place = ['server', 'rateLimits'];
  const { global, perIp, perClient } = server.rateLimits;
  if (global !== undefined) yield [[...place, 'global'], global.interval];
  if (perIp !== undefined) yield [[...place, 'perIp'], perIp.interval];
  if (perClient?.interval !== undefined) yield [[...place, 'perClient'], perClient.interval];
  for (const [group, rate] of Object.entries(perClient?.groups ?? {})) {
    yield [[...place, 'perClient', 'groups', group], rate.interval];
  }
  for (const { path, perUser } of perUserTables(llm)) {
    yield [path, perUser.interval];
    for (const [group, rate] of Object.entries(perUser.groups)) yield [[...path, 'groups', group], rate.interval];
  }
  for (const [name, limit] of Object.entries(llm.tokenLimits)) yield [['llm', 'tokenLimits', name], limit.interval];
  for (const [name, { rateLimits }] of Object.entries(mcp.servers)) {
    if (rateLimits === undefined) continue;
    const path = ['mcp', 'servers', name, 'rateLimits'];
    yield [path, rateLimits.interval];
    for (const [tool, rate] of Object.entries(rateLimits.tools)) yield [[...path, 'tools', tool], rate.interval];
  }
}

function perUserTables(llm: Given['llm']) {
  return Object.entries(llm.providers).flatMap(([name, provider]) => {
    const at = ['llm', 'providers', name];
    const models = Object.entries(provider.models).map(([id, { rateLimits }]) => ({
      path: [...at, 'models', id, 'rateLimits', 'perUser'],
      perUser: rateLimits?.perUser,
    }));
    return [{ path: [...at, 'rateLimits', 'perUser'], perUser: provider.rateLimits?.perUser }, ...models].flatMap(
      ({ path, perUser }) => (perUser === undefined ? [] : [{ path, perUser }]),
    );
  });
}

function clientLimits({ server, llm }: Given): ClientLimit[] {
  const { perClient } = server.rateLimits;
  const path = ['server', 'rateLimits', 'perClient'];
  const limits: ClientLimit[] = perUserTables(llm).map(({ path: at, perUser }) => ({
    path: at,
    groups: Object.keys(perUser.groups),
    groupsPath: [...at, 'groups'],
  }));
  if (perClient !== undefined) {
    limits.push({ path, groups: Object.keys(perClient.groups), groupsPath: [...path, 'groups'] });
  }
  for (const [name, { by, groups = [] }] of Object.entries(llm.tokenLimits)) {
    if (by === 'everyone' && groups.length === 0) continue;
    const at = ['llm', 'tokenLimits', name];
    limits.push({ path: at, groups, groupsPath: [...at, 'groups'] });
  }
  return limits;
}

function callerIssues(limits: readonly ClientLimit[], identification: Identification | undefined): CrossIssue[] {
  const [first] = limits;
  if (first === undefined) return [];
  if (identification?.enabled !== true) {
    const message = 'limits depend on who calls, which nothing tells; set server.client_identification.enabled = true';
    return [{ path: first.path, message }];
  }
  const grouped = limits.filter(({ groups }) => groups.length > 0);
  if (identification.groupId === undefined) {
    const message =
      'limits depend on groups, which nothing tells; add server.client_identification.group_id, for example { http_header = "X-Group" }';
    return grouped.slice(0, 1).map(({ groupsPath }) => ({ path: groupsPath, message }));
  }
  const known = identification.validation?.groupValues ?? [];
  if (known.length === 0) {
    const message =
      'there are limits, but no names of groups; list them in server.client_identification.validation.group_values';
    return [{ path: first.path, message }];
  }
  return grouped.flatMap(({ groups, groupsPath }) =>
    groups
      .filter((group) => !known.includes(group))
      .map((group) => ({
        path: groupsPath,
        message: `the group "${group}" is not among server.client_identification.validation.group_values`,
      })),
  );
}

function warningsOf(given: Given): CrossIssue[] {
  return [...switchWarnings(given), ...tokenWarnings(given.llm)];
}

/** Where a limit that was given for some does not hold for those one might think it holds for. */
function tokenWarnings(llm: Given['llm']): CrossIssue[] {
  if (perUserTables(llm).length === 0) return [];
  return Object.entries(llm.providers).flatMap(([name, { models, rateLimits }]) => {
    const path = ['llm', 'providers', name];
    const listed = Object.entries(models);
    const general = rateLimits?.perUser;
    const limited = listed.flatMap(([id, model]) => {
      const perUser = model.rateLimits?.perUser;
      return perUser === undefined ? [] : [{ id, groups: perUser.groups }];
    });
    if (general !== undefined) return shadowWarnings(path, limited, Object.keys(general.groups));
    if (limited.length === 0) {
      return [{ path, message: 'has no token limit for its clients, while other providers have one' }];
    }
    const free = listed.flatMap(([id, model]) => (model.rateLimits?.perUser === undefined ? [id] : []));
    const message = `has no token limit for models of its own without one${free.length === 0 ? '' : `: ${free.join(', ')}`}`;
    return [{ path, message }];
  });
}

/** A model's limit takes the place of all that its provider says, for groups too. */
function shadowWarnings(
  provider: Path,
  limited: readonly { readonly id: string; readonly groups: object }[],
  known: readonly string[],
): CrossIssue[] {
  return limited.flatMap(({ id, groups }) => {
    const unnamed = known.filter((group) => !Object.hasOwn(groups, group));
    if (unnamed.length === 0) return [];
    const path = [...provider, 'models', id, 'rateLimits', 'perUser'];
    const whom = unnamed.length === 1 ? `the group ${unnamed[0]}` : `the groups ${unnamed.join(', ')}`;
    return [
      {
        path,
        message: `also holds for ${whom}, in the place of what the provider allows; add what they may use to its groups if that is not meant`,
      },
    ];
  });
}

function switchWarnings({ server, mcp }: Given): CrossIssue[] {
  const { enabled, global, perIp, perClient } = server.rateLimits;
  const limited = Object.entries(mcp.servers).filter(([, { rateLimits }]) => rateLimits !== undefined);
  const hasLimits = [global, perIp, perClient].some((limit) => limit !== undefined) || limited.length > 0;
  if (enabled !== undefined || !hasLimits) return [];
  const message = 'is absent, so requests are not limited; set it to true (or false, to say that it is meant)';
  return [{ path: ['server', 'rateLimits', 'enabled'], message }];
}
