import { describe, expect, it } from 'vitest';
import { configIssues, formatIssue } from './issues.ts';
import { judgeConfig, parseConfig } from './parse.ts';

const llm = { providers: { openai: { type: 'openai' } } };
const OAUTH = {
  url: 'https://issuer.test/jwks',
  expectedIssuer: 'https://issuer.test',
  expectedAudience: 'https://gateway.test/',
  protectedResource: { resource: 'https://gateway.test', authorizationServers: ['https://issuer.test'] },
};
const IDENTIFIED = {
  enabled: true,
  clientId: { httpHeader: 'x-id' },
  groupId: { httpHeader: 'x-group' },
  validation: { groupValues: ['red', 'blue'] },
};

function problems(server: object, mcp: object = {}, identifies = false): string[] {
  try {
    parseConfig({ llm, server, mcp }, { identifies });
  } catch (error) {
    return configIssues(error).map(formatIssue);
  }
  return [];
}

function warnings(server: object): readonly string[] {
  return parseConfig({ llm, server }).warnings;
}

describe('the OAuth table', () => {
  it('reads every key', () => {
    const { config } = parseConfig({
      llm,
      server: {
        oauth: {
          url: 'https://issuer.test/jwks',
          poll_interval: '5m',
          expected_issuer: 'i',
          expected_audience: 'a',
          required_scopes: ['chat'],
          leeway: '10s',
          protected_resource: { resource: 'https://GW.test', authorization_servers: ['https://issuer.test/tenant'] },
        },
      },
    });
    expect(config.server.oauth).toEqual({
      keySetUrl: 'https://issuer.test/jwks',
      pollInterval: 300_000,
      issuer: 'i',
      audience: 'a',
      requiredScopes: ['chat'],
      leeway: 10_000,
      resource: 'https://gw.test/',
      authorizationServers: ['https://issuer.test/tenant'],
    });
  });

  it.each([
    [{ url: undefined }, /oauth\.url: is required/],
    [{ url: '/jwks' }, /oauth\.url: must be an absolute URL/],
    [{ url: 'file:///etc/passwd' }, /oauth\.url: must be an absolute URL/],
    [{ url: 'https://me:secret@issuer.test/' }, /oauth\.url: must not contain a user name/],
    [{ protectedResource: undefined }, /oauth\.protectedResource: is required/],
    [
      { protectedResource: { resource: 'gw', authorizationServers: ['https://a.test'] } },
      /resource: must be an absolute/,
    ],
    [
      { protectedResource: { resource: 'https://a.test', authorizationServers: [] } },
      /authorizationServers: must not be/,
    ],
    [{ pollInterval: 0 }, /pollInterval: must be longer than zero/],
    [{ leeway: '61s' }, /leeway: must be at most one minute/],
    [{ requiredScopes: ['a b'] }, /requiredScopes\[0\]: must be a scope/],
    [{ expected_audiance: 'x' }, /unknown key \(did you mean "expected_audience"\?\)/],
  ])('%j', (more, problem) => {
    expect(problems({ oauth: { ...OAUTH, ...more } })).toEqual([expect.stringMatching(problem)]);
  });

  it('warns where tokens are not checked whole', () => {
    expect(warnings({ oauth: OAUTH })).toEqual([]);
    expect(warnings({ oauth: { ...OAUTH, expectedIssuer: undefined, expectedAudience: undefined } })).toEqual([
      expect.stringContaining('server.oauth.expectedIssuer: is absent'),
      expect.stringContaining('server.oauth.expectedAudience: is absent'),
    ]);
  });
});

describe('client identification', () => {
  it.each([
    ['claims without OAuth', { enabled: true }, /clientId: is the claim "sub" of a token/],
    [
      'a group claim without OAuth',
      { ...IDENTIFIED, groupId: { jwtClaim: 'team' } },
      /groupId: is the claim "team" of a token/,
    ],
    ['two sources', { clientId: { jwtClaim: 'sub', httpHeader: 'x' } }, /clientId: jwt_claim and http_header exclude/],
    ['no source', { clientId: {} }, /clientId: needs jwt_claim or http_header/],
    ['no header', { clientId: { httpHeader: 'a b' } }, /httpHeader: must be the name of a header/],
    ['an unknown key', { client_idd: {} }, /unknown key \(did you mean "client_id"\?\)/],
  ])('refuses %s', (_, clientIdentification, problem) => {
    expect(problems({ clientIdentification })).toEqual([expect.stringMatching(problem)]);
  });

  it('may name claims where the application or a token says who calls', () => {
    expect(problems({ clientIdentification: { enabled: true } }, {}, true)).toEqual([]);
    expect(problems({ clientIdentification: { enabled: true }, oauth: OAUTH })).toEqual([]);
    expect(problems({ clientIdentification: { enabled: false } })).toEqual([]);
  });

  it('takes keys that older files have, with a warning', () => {
    const clientId = { httpHeader: 'x-id', source: 'header', type: 'x' };
    expect(warnings({ clientIdentification: { enabled: true, clientId }, trustedProxies: ['::1'] })).toEqual([
      'server.clientIdentification.clientId.source: has no effect and can be removed',
      'server.clientIdentification.clientId.type: has no effect and can be removed',
    ]);
  });

  it('is judged as TOML is written', () => {
    const judged = judgeConfig({ llm, server: { client_identification: { enabled: true } } }, 'toml');
    expect(judged.issues.map(formatIssue)).toEqual([
      expect.stringContaining('server.client_identification.client_id: is the claim "sub"'),
    ]);
  });
});

describe('rules of MCP servers', () => {
  const servers = (rules: object) => ({ servers: { one: { cmd: ['x'], ...rules } } });

  it.each([
    ['nobody is told apart', {}, { allow: ['red'] }, /one\.allow: names groups, and nothing tells who calls/],
    [
      'nobody has a group',
      { clientIdentification: { ...IDENTIFIED, groupId: undefined } },
      { tools: { t: { deny: ['red'] } } },
      /one\.tools\.t\.deny: names groups, which nothing tells/,
    ],
    [
      'a group there is not',
      { clientIdentification: IDENTIFIED },
      { allow: ['red', 'green'] },
      /one\.allow: the group "green" is not among/,
    ],
    [
      'a group there is not, for a tool',
      { clientIdentification: IDENTIFIED },
      { tools: { t: { allow: ['blue'], deny: ['green'] } } },
      /one\.tools\.t\.deny: the group "green" is not among/,
    ],
  ])('%s', (_, server, rules, problem) => {
    expect(problems(server, servers(rules))).toEqual([expect.stringMatching(problem)]);
    // Off is off, and the application may know.
    expect(problems(server, { enabled: false, ...servers(rules) })).toEqual([]);
    expect(problems(server, servers(rules), true)).toEqual([]);
  });

  it('may keep everybody out without knowing anybody', () => {
    expect(problems({}, servers({ allow: [], tools: { t: { allow: [] } } }))).toEqual([]);
  });
});

describe('browsers', () => {
  it.each([
    [{ allowOrigins: 'app.test' }, /allowOrigins: "app\.test" is not an absolute URL/],
    [{ allowOrigins: ['https://a.test', '/x'] }, /allowOrigins: "\/x" is not an absolute URL/],
    [{ allowOrigins: 'null' }, /allowOrigins: "null" is not an absolute URL/],
    [{ allowMethods: ['get'] }, /allowMethods: unknown variant "get"/],
    [{ allowMethods: 'FETCH' }, /allowMethods: unknown variant "FETCH"/],
    [{ allowHeaders: ['x y'] }, /allowHeaders: "x y" is not the name of a header/],
    [{ exposeHeaders: 'é' }, /exposeHeaders: "é" is not the name of a header/],
    [{ maxAge: 'long' }, /maxAge: must be a duration/],
    [{ allowCredentials: true, allowOrigins: '*' }, /allowOrigins: must be a list where credentials are allowed/],
    [{ allowCredentials: true, allowHeaders: ['*'] }, /allowHeaders: must be a list where credentials are allowed/],
  ])('%j', (cors, problem) => {
    expect(problems({ cors })).toEqual([expect.stringMatching(problem)]);
  });

  it('keeps scheme, host and port of an origin', () => {
    const allowOrigins = [
      'HTTPS://App.test:443/path',
      'https://*.Pages.test:443',
      'http://[::1]:80',
      'http://a?.test:81/x',
    ];
    expect(parseConfig({ llm, server: { cors: { allowOrigins } } }).config.server.cors?.origins).toEqual({
      exact: ['https://app.test', 'http://[::1]'],
      patterns: [
        { protocol: 'https:', host: '*.pages.test', port: '' },
        { protocol: 'http:', host: 'a?.test', port: '81' },
      ],
    });
  });
});

describe('proxies and listeners', () => {
  it.each(['10.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8', '0.0.0.0/0'])('%s may be trusted', (proxy) => {
    expect(problems({ trustedProxies: [proxy] })).toEqual([]);
  });

  it.each(['', 'localhost', '10.0.0.0/33', 'fd00::/129', '10.0.0.256', '10.0.0.1/8/8', '::x', '10.0.0.1/', '1.2.3'])(
    '%s may not',
    (proxy) => {
      expect(problems({ trustedProxies: [proxy] })).toEqual([
        expect.stringContaining('must be an address or a network'),
      ]);
    },
  );

  it.each([
    [{ tls: { certificate: 'a.pem' } }, /tls\.key: is required/],
    [{ tls: { certificate: '', key: 'k' } }, /tls\.certificate: must not be empty/],
    [{ health: { listen: 'here' } }, /health\.listen: must be an address and a port/],
    [{ clientIp: { xForwardedForTrustedHops: -1 } }, /xForwardedForTrustedHops: /],
    [{ clientIp: { xForwardedForTrustedHops: 1.5 } }, /xForwardedForTrustedHops: /],
  ])('%j', (server, problem) => {
    expect(problems(server)).toEqual([expect.stringMatching(problem)]);
  });
});
