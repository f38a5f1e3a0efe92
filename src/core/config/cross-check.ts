// What no single value shows: keys that contradict each other, and configurations that would do nothing.
import type * as z from 'zod';
import { bedrockIssues } from './cross-check-bedrock.ts';
import { identityFindings } from './cross-check-identity.ts';
import { limitFindings } from './cross-check-limits.ts';
import { mcpIssues } from './cross-check-mcp.ts';
import { routeIssues, routeWarnings } from './cross-check-routes.ts';
import { telemetryFindings, watchedPaths } from './cross-check-telemetry.ts';
import type { HeaderRule, ParsedConfig, ParsedProtocol } from './resolve.ts';
import { KINDS_WITH_API_VERSION, KINDS_WITHOUT_BASE_URL, type KnownKind } from './schema/kinds.ts';
import type { configSchema } from './schema/root.ts';

type Given = z.output<typeof configSchema>;
type GivenProvider = Given['llm']['providers'][string];
type Models = GivenProvider['models'];

/** An issue whose path is still in camelCase segments. */
export interface CrossIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export interface CrossFindings {
  readonly issues: readonly CrossIssue[];
  readonly warnings: readonly CrossIssue[];
}

/** Headers of the client's own connection and body; no rule passes them on (`http/header-rules.ts`). */
const CONNECTION_HEADER =
  /^(?:accept(?:-charset|-encoding|-ranges)?|connection|content-(?:encoding|length|type)|expect|host|keep-alive|origin|proxy-(?:authenticate|authorization|connection)|te|trailer|transfer-encoding|upgrade|sec-websocket-.*)$/;

/** Names that vendors give their models; Bedrock's name the vendor first, or the region and then the vendor. */
const VENDOR_MODEL =
  /^(?:gpt-|chatgpt-|o[1-9](?:-|$)|claude-|gemini-|arn:aws|(?:[a-z]{2,6}\.)?(?:ai21|amazon|anthropic|cohere|deepseek|meta|mistral|openai|qwen)\.)/;

/**
 * `given` is the configuration as validated, before defaults that depend on other keys; `kinds` are those besides the
 * built-in ones; `identifies`: the application says in code who calls.
 */
export function crossCheck(
  given: Given,
  config: ParsedConfig,
  kinds: readonly KnownKind[] = [],
  identifies = false,
): CrossFindings {
  const issues: CrossIssue[] = [];
  const warnings: CrossIssue[] = [];
  checkLlmPath(given.llm, issues, warnings);
  if (config.llm.discovery.required && !config.llm.discovery.enabled) {
    const message = 'has no effect, as no provider is asked for its models; set llm.discovery.enabled';
    warnings.push({ path: ['llm', 'discovery', 'required'], message });
  }
  for (const [name, provider] of Object.entries(given.llm.providers)) {
    if (provider.apiKey !== undefined && provider.apiKeys !== undefined) {
      const path = ['llm', 'providers', name, 'apiKeys'];
      issues.push({ path, message: 'is given beside api_key; put all keys into the list' });
    }
    warnings.push(...reversedRenames(name, provider.models));
    issues.push(...kindIssues(name, provider, kinds), ...bedrockIssues(name, provider));
    warnings.push(...idleRules(['llm', 'providers', name], provider.headers));
    for (const [id, model] of Object.entries(provider.models)) {
      const path = ['llm', 'providers', name, 'models', id];
      if (model.rename !== undefined && model.upstream !== undefined) {
        issues.push({ path, message: 'rename and upstream say the same thing; give one of them' });
      }
      if (model.price !== undefined && model.priceAs !== undefined) {
        issues.push({ path, message: 'price and price_as exclude each other; give one of them' });
      }
      warnings.push(...idleRules(path, model.headers));
      if (model.maxTokens !== undefined) {
        warnings.push({ path: [...path, 'maxTokens'], message: 'has no effect and can be removed' });
      }
    }
  }
  if (config.llm.enabled && Object.keys(config.llm.providers).length > 0) {
    if (Object.values(config.llm.protocols).some(({ enabled }) => enabled)) checkWatchedPaths(config, issues);
    else
      issues.push({
        path: ['llm', 'protocols'],
        message: 'no protocol is enabled, so nobody could reach the providers',
      });
  }
  issues.push(...routeIssues(config.llm), ...mcpIssues(given.mcp));
  warnings.push(...routeWarnings(config.llm));
  const identity = identityFindings(given, identifies);
  issues.push(...identity.issues);
  warnings.push(...identity.warnings);
  const limits = limitFindings(given, identifies);
  issues.push(...limits.issues);
  warnings.push(...limits.warnings);
  const telemetry = telemetryFindings(config);
  issues.push(...telemetry.issues);
  warnings.push(...telemetry.warnings);
  if (config.mcp.enabled && Object.keys(config.mcp.servers).length > 0) checkMcpPath(config, issues);
  return { issues, warnings };
}

/** Whether there is anything to serve. */
export function hasUpstream(config: ParsedConfig): boolean {
  return (
    (config.llm.enabled && Object.keys(config.llm.providers).length > 0) ||
    (config.mcp.enabled && Object.keys(config.mcp.servers).length > 0)
  );
}

function checkLlmPath(llm: Given['llm'], issues: CrossIssue[], warnings: CrossIssue[]): void {
  if (llm.path === undefined) return;
  const path = ['llm', 'path'];
  const current = llm.protocols.openai.path;
  if (current !== undefined && current !== llm.path) {
    issues.push({
      path,
      message: 'is the old name of llm.protocols.openai.path, and the two differ; keep one of them',
    });
  } else {
    warnings.push({ path, message: 'is deprecated; use llm.protocols.openai.path' });
  }
}

/** What each protocol serves below its prefixes. */
const SERVED = {
  openai: ['/v1', '/models', '/chat'],
  anthropic: ['/v1'],
  google: ['/v1beta'],
} as const;

/** The endpoints for those who watch over the process must not hide, or be hidden by, an endpoint of a protocol. */
function checkWatchedPaths(config: ParsedConfig, issues: CrossIssue[]): void {
  for (const { place, path } of watchedPaths(config)) {
    const taken = (['openai', 'anthropic', 'google'] as const).find((name) =>
      isTaken(path, config.llm.protocols[name], SERVED[name]),
    );
    if (taken !== undefined) {
      issues.push({ path: place, message: `"${path}" is already a path of llm.protocols.${taken}` });
    }
  }
}

/** The MCP endpoint and those below it must not hide, or be hidden by, other endpoints. */
function checkMcpPath(config: ParsedConfig, issues: CrossIssue[]): void {
  const { path } = config.mcp;
  const place = ['mcp', 'path'];
  // At the root, everything is below.
  const base = path === '/' ? '' : path;
  for (const watched of watchedPaths(config)) {
    if (!isBelow(watched.path, base)) continue;
    issues.push({ path: place, message: `"${watched.path}" is the path of the ${watched.name} endpoint` });
  }
  if (!config.llm.enabled || Object.keys(config.llm.providers).length === 0) return;
  for (const name of ['openai', 'anthropic', 'google'] as const) {
    const { enabled, paths } = config.llm.protocols[name];
    const served = enabled
      ? paths.find(
          (prefix) =>
            path === prefix || isBelow(prefix, base) || SERVED[name].some((one) => isBelow(path, `${prefix}${one}`)),
        )
      : undefined;
    if (served === undefined) continue;
    issues.push({ path: place, message: `"${path}" is already a path of llm.protocols.${name}` });
    return;
  }
}

function isTaken(path: string, { enabled, paths }: ParsedProtocol, served: readonly string[]): boolean {
  if (!enabled) return false;
  return paths.some((prefix) => path === prefix || served.some((name) => isBelow(path, `${prefix}${name}`)));
}

function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}

/** What a provider's kind demands, and what it has no use for. */
function kindIssues(name: string, { type, baseUrl, apiVersion }: GivenProvider, kinds: readonly KnownKind[]) {
  const path = ['llm', 'providers', name];
  const own = kinds.find(({ kind }) => kind === type);
  const issues: CrossIssue[] = [];
  if (baseUrl === undefined && (own === undefined ? KINDS_WITHOUT_BASE_URL.has(type) : needsBaseUrl(own))) {
    issues.push({ path: [...path, 'baseUrl'], message: `is required for a provider of type "${type}"` });
  }
  if (apiVersion !== undefined && own === undefined && !KINDS_WITH_API_VERSION.has(type)) {
    issues.push({ path: [...path, 'apiVersion'], message: `has no meaning for a provider of type "${type}"` });
  }
  return issues;
}

function needsBaseUrl({ baseUrl, openTransport }: KnownKind): boolean {
  return baseUrl === undefined && openTransport === undefined;
}

/** Rules older files may contain although they never did anything. */
function idleRules(place: readonly PropertyKey[], rules: readonly HeaderRule[]): CrossIssue[] {
  return rules.flatMap((rule, index) => {
    const path = [...place, 'headers', index];
    if (rule.rule !== 'forward') return [];
    if (rule.pattern !== undefined && rule.default !== undefined) {
      return [{ path: [...path, 'default'], message: 'has no effect beside a pattern' }];
    }
    if (rule.name === undefined || !CONNECTION_HEADER.test(rule.name)) return [];
    return [{ path, message: `the header "${rule.name}" is never passed on, so the rule has no effect` }];
  });
}

/**
 * The key of a model is its public name. `rename` written the other way round is a common mistake; `upstream` cannot be
 * misread.
 */
function reversedRenames(name: string, models: Models): CrossIssue[] {
  const warnings: CrossIssue[] = [];
  for (const [id, { rename }] of Object.entries(models)) {
    if (rename === undefined || rename === id || VENDOR_MODEL.test(rename)) continue;
    if (!Object.hasOwn(models, rename) && !VENDOR_MODEL.test(id)) continue;
    const path = ['llm', 'providers', name, 'models', id];
    const message = `clients will call this model "${id}", and the provider gets "${rename}"; swap the two names, or write upstream instead of rename to say that it is meant`;
    warnings.push({ path, message });
  }
  return warnings;
}
