// Writes src/core/config/types.ts: the configuration as flat interfaces, generated from the zod schema, so that users
// meet readable types and no zod. `node scripts/config-types.mjs` writes the file, `--check` only compares.
import { formatted, keepFresh } from './generated-file.mjs';
import { loadConfigSchema } from './load-config-schema.mjs';

const TARGET = 'src/core/config/types.ts';

/** Interfaces by the place of their table; `*` is a name the user chose, `[]` an item of a list. */
const NAMES = new Map([
  ['', 'NexusConfig'],
  ['server', 'ServerConfig'],
  ['server.health', 'HealthConfig'],
  ['server.tls', 'TlsConfig'],
  ['server.cors', 'CorsConfig'],
  ['server.csrf', 'CsrfConfig'],
  ['server.oauth', 'OAuthConfig'],
  ['server.oauth.protectedResource', 'ProtectedResourceConfig'],
  ['server.clientIdentification', 'ClientIdentificationConfig'],
  ['server.clientIdentification.clientId', 'ClientIdSourceConfig'],
  ['server.clientIdentification.groupId', 'GroupIdSourceConfig'],
  ['server.clientIdentification.validation', 'ClientValidationConfig'],
  ['server.clientIp', 'ClientIpConfig'],
  ['server.rateLimits', 'RateLimitsConfig'],
  ['server.rateLimits.storage', 'LimitStorageConfig'],
  ['server.rateLimits.storage.pool', 'LimitStoragePoolConfig'],
  ['server.rateLimits.storage.tls', 'LimitStorageTlsConfig'],
  ['server.rateLimits.global', 'RequestRateConfig'],
  ['server.rateLimits.perIp', 'RequestRateConfig'],
  ['server.rateLimits.perClient', 'ClientRateConfig'],
  ['server.rateLimits.perClient.groups.*', 'RequestRateConfig'],
  ['llm', 'LlmConfig'],
  ['llm.protocols', 'ProtocolsConfig'],
  ['llm.protocols.openai', 'OpenAIProtocolConfig'],
  ['llm.protocols.anthropic', 'AnthropicProtocolConfig'],
  ['llm.protocols.google', 'GoogleProtocolConfig'],
  ['llm.prices', 'PricesConfig'],
  ['llm.discovery', 'DiscoveryConfig'],
  ['llm.retry', 'RetryConfig'],
  ['llm.routes.*', 'RouteConfig'],
  ['llm.routes.*.targets[]', 'RouteTargetConfig'],
  ['llm.routes.*.retry', 'RetryConfig'],
  ['llm.routes.*.breaker', 'BreakerConfig'],
  ['llm.routes.*.branches[]', 'RouteBranchConfig'],
  ['llm.providers.*', 'ProviderConfig'],
  ['llm.tokenLimits.*', 'TokenLimitConfig'],
  ['llm.providers.*.guardrail', 'BedrockGuardrailConfig'],
  ['llm.providers.*.rateLimits', 'ProviderRateLimitsConfig'],
  ['llm.providers.*.rateLimits.perUser', 'ProviderTokenRateConfig'],
  ['llm.providers.*.models.*.rateLimits', 'ModelRateLimitsConfig'],
  ['llm.providers.*.models.*.rateLimits.perUser', 'ModelTokenRateConfig'],
  ...['llm.providers.*', 'llm.providers.*.models.*'].map((place) => [
    `${place}.rateLimits.perUser.groups.*`,
    'GroupTokenRateConfig',
  ]),
  ['llm.providers.*.models.*', 'ModelConfig'],
  ['llm.providers.*.models.*.price', 'ModelPriceConfig'],
  ...['llm.providers.*', 'llm.providers.*.models.*'].flatMap((place) => [
    [`${place}.headers[]:forward`, 'ForwardHeaderRule'],
    [`${place}.headers[]:insert`, 'InsertHeaderRule'],
    [`${place}.headers[]:remove`, 'RemoveHeaderRule'],
    [`${place}.headers[]:rename_duplicate`, 'RenameDuplicateHeaderRule'],
  ]),
  ['mcp', 'McpConfig'],
  ['mcp.headers[]', 'InsertHeaderRule'],
  ['mcp.downstreamCache', 'McpDownstreamCacheConfig'],
  ['mcp.servers.*', 'McpServerConfig'],
  ['mcp.servers.*.headers[]', 'InsertHeaderRule'],
  ['mcp.servers.*.stderr', 'McpStderrFile'],
  ['mcp.servers.*.tls', 'McpTlsConfig'],
  ['mcp.servers.*.auth', 'McpAuthConfig'],
  ['mcp.servers.*.tools.*', 'McpToolConfig'],
  ['mcp.servers.*.rateLimits', 'McpRateLimitsConfig'],
  ['mcp.servers.*.rateLimits.tools.*', 'McpToolRateConfig'],
  ['telemetry', 'TelemetryConfig'],
  ['telemetry.prometheus', 'PrometheusConfig'],
  ['telemetry.status', 'StatusConfig'],
  ['telemetry.logs', 'LogsConfig'],
  ['telemetry.tracing', 'TracingConfig'],
  ['telemetry.tracing.collect', 'SpanLimitsConfig'],
  ['telemetry.tracing.propagation', 'TracePropagationConfig'],
  ['telemetry.metrics', 'MetricsConfig'],
  ...['telemetry', 'telemetry.tracing', 'telemetry.metrics', 'telemetry.logs'].flatMap((place) => [
    [`${place}.exporters`, 'ExportersConfig'],
    [`${place}.exporters.otlp`, 'OtlpConfig'],
    [`${place}.exporters.otlp.batchExport`, 'OtlpBatchConfig'],
    [`${place}.exporters.otlp.grpc`, 'OtlpGrpcConfig'],
    [`${place}.exporters.otlp.grpc.headers[]`, 'OtlpHeader'],
    [`${place}.exporters.otlp.grpc.tls`, 'OtlpTlsConfig'],
    [`${place}.exporters.otlp.http`, 'OtlpHttpConfig'],
    [`${place}.exporters.otlp.http.headers[]`, 'OtlpHeader'],
  ]),
  ['demo', 'DemoConfig'],
  ['demo.rules[]', 'DemoRule'],
  ['demo.rules[].match', 'DemoMatch'],
  ['demo.rules[].reply', 'DemoReply'],
  ['demo.rules[].reply.toolCalls[]', 'DemoToolCall'],
  ['demo.rules[].reply.usage', 'DemoUsage'],
  ['demo.rules[].reply.error', 'DemoError'],
]);

/** Names a host can add to, in code: any other text is accepted beside the ones that are offered. */
const OPEN = new Set(['llm.providers.*.type']);

const HEADER = '// Generated from the schema by scripts/config-types.mjs; do not edit.';

/** The text of types.ts for the schema as it is now. */
export async function configTypes() {
  const { z, configSchema } = await loadConfigSchema();
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  const interfaces = new Map();
  typeOf(schema, '', interfaces);
  return `${HEADER}\n\n${[...interfaces.values()].join('\n\n')}\n`;
}

function typeOf(schema, place, interfaces) {
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum) {
    const names = schema.enum.map(literal).join(' | ');
    return OPEN.has(place) ? `${names} | (string & {})` : names;
  }
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return options.map((option) => typeOf(option, branch(option, place), interfaces)).join(' | ');
  if (Array.isArray(schema.type)) {
    return schema.type.map((type) => typeOf({ ...schema, type }, place, interfaces)).join(' | ');
  }
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'number':
    case 'integer':
      return 'number';
    case 'array': {
      const item = typeOf(schema.items, `${place}[]`, interfaces);
      return /^\w+$/.test(item) ? `${item}[]` : `(${item})[]`;
    }
    case 'object':
      return schema.properties ? interfaceOf(schema, place, interfaces) : recordOf(schema, place, interfaces);
    case undefined:
      return 'unknown';
    default:
      throw new Error(`No type for ${JSON.stringify(schema.type)} at ${place}`);
  }
}

/** Options of a tagged union are told apart by their tag. */
function branch(option, place) {
  const tag = option.properties?.type?.const ?? option.properties?.rule?.const;
  return tag === undefined ? place : `${place}:${tag}`;
}

function recordOf(schema, place, interfaces) {
  const value = schema.additionalProperties;
  return `Record<string, ${typeof value === 'object' ? typeOf(value, `${place}.*`, interfaces) : 'unknown'}>`;
}

function interfaceOf(schema, place, interfaces) {
  const name = NAMES.get(place);
  if (name === undefined) throw new Error(`Give the table at "${place}" a name in scripts/config-types.mjs`);
  // Reserved now, so that a table stands above the tables inside it.
  if (interfaces.has(name)) return name;
  interfaces.set(name, '');
  const required = new Set(schema.required ?? []);
  const members = Object.entries(schema.properties).map(([key, member]) => {
    if (member.description === undefined) throw new Error(`Describe "${place}.${key}" in the schema`);
    const type = typeOf(member, place === '' ? key : `${place}.${key}`, interfaces);
    const optional = !required.has(key);
    // `unknown` has room for undefined already.
    const widened = optional && type !== 'unknown' ? `${type} | undefined` : type;
    return `${comment(member, '  ')}  ${key}${optional ? '?' : ''}: ${widened};\n`;
  });
  interfaces.set(name, `${comment(schema, '', false)}export interface ${name} {\n${members.join('')}}`);
  return name;
}

function comment(schema, indent, withDefault = true) {
  if (schema.description === undefined) return '';
  const standard = withDefault ? defaultOf(schema.default) : '';
  const deprecated = schema.description.startsWith('Deprecated') ? ' @deprecated' : '';
  const text = `${schema.description.replace(/\.$/, '')}.${standard}`.replaceAll('*/', '*\\/');
  return `${indent}/** ${text}${deprecated} */\n`;
}

function defaultOf(value) {
  if (value === undefined) return '';
  if (typeof value === 'object' && Object.keys(value).length === 0) return '';
  return ` Default: \`${JSON.stringify(value)}\`.`;
}

function literal(value) {
  return typeof value === 'string' ? `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'` : String(value);
}

const text = formatted(TARGET, await configTypes());
await keepFresh(TARGET, text, 'node scripts/config-types.mjs', process.argv.includes('--check'));
