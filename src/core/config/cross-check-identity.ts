// What no single key shows about who calls: claims without tokens, rules for groups nobody can have, headers anybody can
// send, browsers that would refuse the answer.
import type * as z from 'zod';
import type { CrossFindings, CrossIssue } from './cross-check.ts';
import type { configSchema } from './schema/root.ts';

type Given = z.output<typeof configSchema>;
type Server = Given['server'];
type Path = readonly PropertyKey[];

/** `identifies`: the application says in code who calls. */
export function identityFindings(given: Given, identifies: boolean): CrossFindings {
  const { server } = given;
  const issues = [...corsIssues(server), ...sourceIssues(server, identifies)];
  if (!identifies) issues.push(...accessIssues(given));
  return { issues, warnings: [...oauthWarnings(server), ...headerWarnings(server), ...idleKeys(server)] };
}

function corsIssues({ cors }: Server): CrossIssue[] {
  if (cors?.allowCredentials !== true) return [];
  return (['allowOrigins', 'allowMethods', 'allowHeaders', 'exposeHeaders'] as const)
    .filter((key) => cors[key] === '*')
    .map((key) => ({
      path: ['server', 'cors', key],
      message: 'must be a list where credentials are allowed, as browsers refuse "*" then',
    }));
}

const PLACE = ['server', 'clientIdentification'];

function sourcesOf({ clientIdentification: { clientId, groupId } }: Server) {
  return [
    { path: [...PLACE, 'clientId'], source: clientId },
    ...(groupId === undefined ? [] : [{ path: [...PLACE, 'groupId'], source: groupId }]),
  ];
}

function sourceIssues(server: Server, identifies: boolean): CrossIssue[] {
  const issues: CrossIssue[] = [];
  for (const { path, source } of sourcesOf(server)) {
    const { jwtClaim, httpHeader } = source;
    if (jwtClaim !== undefined && httpHeader !== undefined) {
      issues.push({ path, message: 'jwt_claim and http_header exclude each other; give one of them' });
    } else if (jwtClaim === undefined && httpHeader === undefined) {
      issues.push({ path, message: 'needs jwt_claim or http_header' });
    } else if (
      jwtClaim !== undefined &&
      server.clientIdentification.enabled &&
      server.oauth === undefined &&
      !identifies
    ) {
      const message = `is the claim "${jwtClaim}" of a token, and nobody has tokens without server.oauth; add that table, or give http_header`;
      issues.push({ path, message });
    }
  }
  return issues;
}

/** Rules that name groups, where nothing says which group a caller has. */
function accessIssues({ server, mcp }: Given): CrossIssue[] {
  const rules = mcp.enabled ? groupRules(mcp) : [];
  const [first] = rules;
  if (first === undefined) return [];
  const { enabled, groupId, validation } = server.clientIdentification;
  if (!enabled || groupId === undefined) {
    const message = enabled
      ? 'names groups, which nothing tells; add server.client_identification.group_id, for example { jwt_claim = "group" }'
      : 'names groups, and nothing tells who calls; set server.client_identification.enabled = true';
    return [{ path: first.path, message }];
  }
  const known = validation.groupValues;
  if (known.length === 0) return [];
  return rules.flatMap(({ path, groups }) =>
    groups
      .filter((group) => !known.includes(group))
      .map((group) => ({
        path,
        message: `the group "${group}" is not among server.client_identification.validation.group_values`,
      })),
  );
}

interface GroupRule {
  readonly path: Path;
  readonly groups: readonly string[];
}

function groupRules({ servers }: Given['mcp']): GroupRule[] {
  return Object.entries(servers).flatMap(([name, server]) => {
    const at = ['mcp', 'servers', name];
    return [
      ...listsOf(at, server),
      ...Object.entries(server.tools).flatMap(([tool, rule]) => listsOf([...at, 'tools', tool], rule)),
    ];
  });
}

interface Lists {
  readonly allow?: readonly string[] | undefined;
  readonly deny?: readonly string[] | undefined;
}

function listsOf(path: Path, lists: Lists): GroupRule[] {
  return (['allow', 'deny'] as const).flatMap((key) => {
    const groups = lists[key] ?? [];
    return groups.length === 0 ? [] : [{ path: [...path, key], groups }];
  });
}

function oauthWarnings({ oauth }: Server): CrossIssue[] {
  if (oauth === undefined) return [];
  const path = ['server', 'oauth'];
  return [
    ...(oauth.expectedIssuer === undefined
      ? [
          {
            path: [...path, 'expectedIssuer'],
            message: 'is absent, so tokens of any issuer with one of these keys are taken',
          },
        ]
      : []),
    ...(oauth.expectedAudience === undefined
      ? [
          {
            path: [...path, 'expectedAudience'],
            message: 'is absent, so tokens that were issued for other services are taken',
          },
        ]
      : []),
  ];
}

function headerWarnings(server: Server): CrossIssue[] {
  if (server.trustedProxies !== undefined || !server.clientIdentification.enabled) return [];
  return sourcesOf(server).flatMap(({ path, source: { httpHeader } }) =>
    httpHeader === undefined
      ? []
      : [
          {
            path: [...path, 'httpHeader'],
            message: `any caller can send the header "${httpHeader}"; name the proxies that set it in server.trusted_proxies`,
          },
        ],
  );
}

/** Keys older files contain although they never did anything. */
function idleKeys(server: Server): CrossIssue[] {
  return sourcesOf(server).flatMap(({ path, source }) =>
    (['source', 'type'] as const)
      .filter((key) => source[key] !== undefined)
      .map((key) => ({ path: [...path, key], message: 'has no effect and can be removed' })),
  );
}
