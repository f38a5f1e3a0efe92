// The text that `nexus init` writes: what was chosen, and as comments what might come next.
import { VENDORS } from './vendors.ts';

export interface InitChoices {
  /** Types of vendors. */
  readonly providers: readonly string[];
  readonly mcp: readonly McpChoice[];
  readonly limits: 'memory' | 'redis' | undefined;
  /** Issuer of the tokens that callers show. */
  readonly oauth: string | undefined;
  readonly demo: boolean;
  /** Where the JSON Schema is, as seen from the file. */
  readonly schema: string;
}

export type McpChoice =
  | { readonly name: string; readonly url: string }
  | { readonly name: string; readonly command: readonly string[] };

type Environment = Readonly<Record<string, string | undefined>>;

/** `env` decides which of several usual variables holds a key; no value of it is written. */
export function configText(choices: InitChoices, env: Environment): string {
  const { limits, mcp, oauth, providers } = choices;
  const parts = [
    head(choices.schema),
    SERVER,
    limits === undefined ? LATER_LIMITS : limitsText(limits),
    oauth === undefined ? LATER_OAUTH : oauthText(oauth),
    MODELS,
    ...providers.map((type) => providerText(type, env)),
    routeText(providers),
    MCP,
    ...(mcp.length === 0 ? [LATER_MCP] : mcp.map(mcpText)),
    ...(choices.demo ? [DEMO] : []),
  ];
  return `${parts.join('\n\n')}\n`;
}

function head(schema: string): string {
  return `#:schema ${schema}
#
# Configuration of Nexus. Judge it with \`nexus check\`, serve it with \`nexus serve\`, try it with \`nexus chat\`.
# Every key there is: editors that know TOML schemas offer and explain them, \`nexus schema\` prints them.
#
# {{ env.NAME }} is filled in from the environment; the text behind | counts where the variable is not set. Without that
# text a variable that is not set keeps Nexus from starting.`;
}

const SERVER = `[server]
listen_address = "127.0.0.1:8000"   # 0.0.0.0:8000 to be reached from elsewhere`;

const LATER_LIMITS = `# Limits of requests and tokens:
#
# [server.rate_limits]
# enabled = true
# per_ip = { limit = 100, interval = "1m" }`;

const LATER_OAUTH = `# Who may come in: tokens of an authorization server.
#
# [server.oauth]
# url = "https://login.example.com/jwks"
# expected_issuer = "https://login.example.com"
# expected_audience = "https://ai.example.com/"
# protected_resource = { resource = "https://ai.example.com", authorization_servers = ["https://login.example.com"] }`;

const MODELS = `# --- Models: clients say "provider/model", or the model alone where only one provider has it -------------------------

[llm]
timeout = "10m"              # a whole call
first_byte_timeout = "2m"    # until a stream begins
idle_timeout = "60s"         # silence inside an answer`;

const MCP = `# --- MCP: servers whose tools clients find behind /mcp -----------------------------------------------------------------`;

const LATER_MCP = `# [mcp.servers.files]
# cmd = ["npx", "-y", "@modelcontextprotocol/server-filesystem", "/srv/docs"]
#
# [mcp.servers.tickets]
# url = "https://tickets.example.com/mcp"
# auth = { token = "{{ env.TICKETS_TOKEN }}" }`;

const DEMO = `# --- The demo: answers for providers without a key; nothing leaves this machine ----------------------------------------

[demo]
enabled = true`;

function limitsText(limits: 'memory' | 'redis'): string {
  const storage =
    limits === 'memory'
      ? '# storage = { type = "redis", url = "{{ env.REDIS_URL }}" }   # several processes together'
      : `storage = { type = "redis", url = '{{ env.REDIS_URL | "redis://127.0.0.1:6379" }}' }   # npm install ioredis`;
  return `[server.rate_limits]
enabled = true
headers = true                                  # answers say what is left
global = { limit = 1000, interval = "1m" }
per_ip = { limit = 100, interval = "1m" }
${storage}`;
}

function oauthText(issuer: string): string {
  const base = issuer.replace(/\/+$/, '');
  return `# Every call needs a token of this authorization server. Look up \`jwks_uri\` in
# ${base}/.well-known/openid-configuration, and put the address clients use in the place of 127.0.0.1.
[server.oauth]
url = ${quoted(`${base}/.well-known/jwks.json`)}
expected_issuer = ${quoted(issuer)}
expected_audience = "http://127.0.0.1:8000/"
protected_resource = { resource = "http://127.0.0.1:8000/", authorization_servers = [${quoted(issuer)}] }

[server.client_identification]
enabled = true                                  # the \`sub\` of the token, for limits and records`;
}

function providerText(type: string, env: Environment): string {
  const { variables = [], lines = [] } = VENDORS.get(type) ?? {};
  const variable = variables.find((name) => env[name]?.trim()) ?? variables[0];
  const key = variable === undefined ? [] : [`api_key = '{{ env.${variable} | "" }}'`];
  return [`[llm.providers.${type}]`, `type = ${quoted(type)}`, ...key, ...lines].join('\n');
}

function routeText(providers: readonly string[]): string {
  const [first = 'openai', second = first] = providers;
  return `# A route is a name for several models: in order, by weight, latency or price.
#
# [llm.routes.assistant]
# strategy = "fallback"
# targets = ["${first}/some-model", "${second}/another-model"]`;
}

function mcpText(choice: McpChoice): string {
  const { name } = choice;
  const table = `[mcp.servers.${/^[\w-]+$/.test(name) ? name : quoted(name)}]`;
  if ('command' in choice) return `${table}\ncmd = [${choice.command.map(quoted).join(', ')}]`;
  const variable = `${name.toUpperCase().replaceAll(/\W+/g, '_')}_TOKEN`;
  return `${table}\nurl = ${quoted(choice.url)}\n# auth = { token = "{{ env.${variable} }}" }`;
}

/** JSON's strings are strings of TOML too. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
