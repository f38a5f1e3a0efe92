import { describe, expect, it } from 'vitest';
import { configIssues } from '../issues.ts';
import { parseConfig } from '../parse.ts';
import { parseToml } from '../toml.ts';

const parse = (mcp: unknown) => parseConfig({ mcp }).config.mcp;

/** Each problem as `path: message`. */
function problems(mcp: unknown): string[] {
  try {
    parse(mcp);
    return [];
  } catch (error) {
    return configIssues(error)?.map(({ path, message }) => `${path}: ${message}`) ?? [String(error)];
  }
}

const PEM = '-----BEGIN PRIVATE KEY-----\nbm90aGluZw==\n-----END PRIVATE KEY-----\n';
const server = (value: unknown) => ({ servers: { one: value } });

describe('the mcp table', () => {
  it('knows the least that makes a server', () => {
    const { servers, ...rest } = parse(server({ cmd: ['npx', '-y', 'tool'] }));
    expect(rest).toMatchObject({
      enabled: true,
      path: '/mcp',
      namespace: true,
      enableStructuredContent: true,
      jsonResponse: false,
      downstreamCache: { maxSize: 1000, idleTimeout: 600_000 },
    });
    expect(servers['one']).toMatchObject({
      kind: 'stdio',
      name: 'one',
      command: 'npx',
      args: ['-y', 'tool'],
      stderr: 'null',
      inheritEnv: false,
      startTimeout: 10_000,
      timeout: 60_000,
      clientFeatures: true,
      era: 'auto',
    });
  });

  it('reads all of it from TOML', () => {
    const { config } = parseConfig(
      parseToml(`
        [mcp]
        path = "tools"
        enable_structured_content = false
        json_response = true
        headers = [{ rule = "insert", name = "X-All", value = "1" }]
        downstream_cache = { max_size = 5, idle_timeout = "1m" }

        [mcp.servers.local]
        cmd = ["server"]
        env = { KEY = "murmur" }
        cwd = "somewhere"
        stderr = { file = "log.txt" }
        inherit_env = true
        allow = ["staff"]
        tools.delete = { deny = ["interns"], timeout = "5s" }

        [mcp.servers.far]
        url = "https://example.org/mcp?key=1#part"
        protocol = "streamable-http"
        tls = { verify_certs = false, client_cert_path = "c.pem", client_key_path = "k.pem" }
        auth = { type = "client_credentials", client_id = "id", client_secret = "hush", scope = "a" }
        headers = [{ rule = "insert", name = "X-Own", value = "2" }]
        client_features = false
        era = "modern"
        start_timeout = "3s"

        [mcp.servers.old]
        url = "https://example.org/sse"
        message_url = "https://example.org/message"
        auth = { token = "t" }

        [mcp.servers.theirs]
        url = "https://example.org/"
        auth.type = "forward"
      `),
      { identifies: true },
    );
    const { local, far, old, theirs } = config.mcp.servers;
    expect(config.mcp).toMatchObject({
      path: '/tools',
      jsonResponse: true,
      downstreamCache: { maxSize: 5, idleTimeout: 60_000 },
    });
    expect(local).toMatchObject({
      cwd: 'somewhere',
      stderr: { file: 'log.txt' },
      inheritEnv: true,
      allow: ['staff'],
      tools: { delete: { deny: ['interns'], timeout: 5000 } },
    });
    expect(far).toMatchObject({
      url: 'https://example.org/mcp?key=1',
      headers: [{ name: 'x-all' }, { name: 'x-own' }],
      auth: { type: 'client_credentials', clientId: 'id', scope: 'a' },
      clientFeatures: false,
      era: 'modern',
    });
    expect(old).toMatchObject({ protocol: 'sse', auth: { type: 'token' } });
    expect(theirs).toMatchObject({ protocol: 'auto', auth: { type: 'forward' } });
    expect(JSON.stringify(config)).not.toMatch(/hush|murmur/);
  });

  it('reads a private key, and hides it', () => {
    const auth = { type: 'client_credentials', clientId: 'c', privateKey: PEM };
    const { one } = parse(server({ url: 'http://a', auth })).servers;
    expect(one).toMatchObject({ auth: { client: { signingAlgorithm: 'ES256' } } });
    expect(JSON.stringify(one)).not.toContain('bm90');
  });

  it('keeps an empty allow apart from none', () => {
    const { one } = parse(server({ cmd: ['x'], allow: [] })).servers;
    expect([one?.allow, one?.deny]).toEqual([[], undefined]);
  });

  it.each([
    ['neither', {}, 'mcp.servers.one: needs cmd (a program to run) or url (a remote server)'],
    [
      'both',
      { cmd: ['x'], url: 'http://a' },
      'mcp.servers.one: cmd and url are both given; a server is either a program or a remote one',
    ],
    ['an empty command', { cmd: [] }, 'mcp.servers.one.cmd: command cannot be empty'],
    ['an unknown key', { cmd: ['x'], ratesLimit: {} }, 'mcp.servers.one.ratesLimit: unknown key'],
    ['an address that is none', { url: 'example.org' }, 'mcp.servers.one.url: must be an absolute URL'],
    ['a scheme of another kind', { url: 'file:///etc/passwd' }, 'mcp.servers.one.url: must be an absolute URL'],
    [
      'a password in the address',
      { url: 'http://a:b@c' },
      'mcp.servers.one.url: must not contain a user name or password',
    ],
    [
      'a remote key for a program',
      { cmd: ['x'], auth: { type: 'forward' } },
      'mcp.servers.one.auth: has no meaning for a server that is a program',
    ],
    [
      'headers for a program',
      { cmd: ['x'], headers: [{ rule: 'insert', name: 'a', value: 'b' }] },
      'mcp.servers.one.headers: has no meaning',
    ],
    [
      "a program's key for a remote server",
      { url: 'http://a', env: { A: 'b' } },
      'mcp.servers.one.env: has no meaning for a remote server',
    ],
    [
      'a rule that forwards',
      { url: 'http://a', headers: [{ rule: 'forward', name: 'a', value: 'b' }] },
      'mcp.servers.one.headers[0].rule: must be "insert"',
    ],
    [
      'half a client certificate',
      { url: 'http://a', tls: { clientCertPath: 'c' } },
      'mcp.servers.one.tls: clientCertPath and clientKeyPath belong together',
    ],
    ['no token', { url: 'http://a', auth: {} }, 'mcp.servers.one.auth.token: is required where the type is "token"'],
    [
      'a token beside forward',
      { url: 'http://a', auth: { type: 'forward', token: 't' } },
      'mcp.servers.one.auth.token: has no meaning where the type is "forward"',
    ],
    [
      'half of client credentials',
      { url: 'http://a', auth: { type: 'client_credentials', clientId: 'c' } },
      'mcp.servers.one.auth.clientSecret: is required',
    ],
    [
      'a secret beside a key',
      { url: 'http://a', auth: { type: 'client_credentials', clientId: 'c', clientSecret: 's', privateKey: PEM } },
      'mcp.servers.one.auth.clientSecret: has no meaning',
    ],
    [
      'a key that is none',
      { url: 'http://a', auth: { type: 'client_credentials', clientId: 'c', privateKey: 'key.pem' } },
      'mcp.servers.one.auth.privateKey: must be a private key in PEM',
    ],
    [
      'an algorithm without a key',
      {
        url: 'http://a',
        auth: { type: 'client_credentials', clientId: 'c', clientSecret: 's', signingAlgorithm: 'ES256' },
      },
      'mcp.servers.one.auth.signingAlgorithm: has no meaning',
    ],
    [
      'an algorithm everyone can sign with',
      {
        url: 'http://a',
        auth: { type: 'client_credentials', clientId: 'c', privateKey: PEM, signingAlgorithm: 'none' },
      },
      'mcp.servers.one.auth.signingAlgorithm: must be one of',
    ],
    [
      'a message address without SSE',
      { url: 'http://a', messageUrl: 'http://b', protocol: 'streamable-http' },
      'mcp.servers.one.messageUrl: has a meaning for the protocol "sse" only',
    ],
    [
      'a modern SSE server',
      { url: 'http://a', protocol: 'sse', era: 'modern' },
      'mcp.servers.one.era: a server that speaks SSE speaks no modern revision',
    ],
    ['an unknown era', { cmd: ['x'], era: 'future' }, 'mcp.servers.one.era: must be one of'],
    ['no time at all', { cmd: ['x'], timeout: 0 }, 'mcp.servers.one.timeout: must be longer than zero'],
  ])('refuses %s', (_, value, problem) => {
    expect(problems(server(value))).toEqual([expect.stringContaining(problem)]);
  });

  it.each([
    ['a__b', 'must not contain "__"'],
    ['a/b', 'must not contain "/"'],
    ['a\nb', 'must not contain "/" or control characters'],
  ])('refuses the name %j', (name, problem) => {
    expect(problems({ servers: { [name]: { cmd: ['x'] } } })).toEqual([expect.stringContaining(problem)]);
  });

  it.each([
    ['the health endpoint', { path: '/health' }, 'is the path of the health endpoint'],
    ['what is below it', { path: '/' }, 'is the path of the health endpoint'],
  ])('does not hide %s', (_, mcp, problem) => {
    expect(problems({ ...mcp, ...server({ cmd: ['x'] }) })).toEqual([expect.stringContaining(problem)]);
  });

  it('does not hide the paths of models', () => {
    const config = {
      llm: { providers: { p: { type: 'openai' } } },
      mcp: { path: '/llm/v1', ...server({ cmd: ['x'] }) },
    };
    expect(() => parseConfig(config)).toThrow('"/llm/v1" is already a path of llm.protocols.openai');
  });

  it('shows no secret in its complaints', () => {
    const said = problems(server({ url: 'ftp://host/?key=hush', env: { A: 7 }, auth: { token: 'hu sh' } })).join('\n');
    expect(said).not.toMatch(/hush|hu sh/);
  });
});
