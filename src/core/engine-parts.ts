// The parts of an engine that are made from a configuration and what the instance has.
import { version } from '../../package.json';
import { type ParseResult, parseConfig } from './config/parse.ts';
import type { ParsedConfig } from './config/resolve.ts';
import type { NexusConfig } from './config/types.ts';
import type { RecordBus } from './exchange/sink.ts';
import type { Unready } from './http/health.ts';
import type { LlmPlane } from './llm/plane.ts';
import { openaiChat } from './llm/protocols/openai-chat/index.ts';
import type { Transports } from './llm/upstream/transports.ts';
import { McpPlane } from './mcp/plane.ts';
import type { NexusOptions } from './options.ts';
import { ResourceServer } from './policy/auth/resource-server.ts';
import type { Limits } from './policy/limits/limits.ts';
import type { Refusals } from './policy/limits/refusals.ts';
import { lineLogger } from './runtime/line-logger.ts';
import type { Logger } from './runtime/logger.ts';
import type { Runtime } from './runtime/runtime.ts';
import type { NexusStatus } from './status.ts';
import type { CounterStore } from './stores/counter-store.ts';
import type { StoreErrors } from './stores/store-errors.ts';
import { createObserver, type Observer } from './telemetry/otel/observer.ts';
import { Telemetry } from './telemetry/telemetry.ts';

/** What an instance has whatever its configuration, and all its engines stand on. */
export interface EngineGround {
  readonly options: NexusOptions;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly records: RecordBus;
  readonly transports: Transports;
  /** Why the instance should get no requests; absent: it may. */
  readonly unready: () => Unready | undefined;
  /** How the instance is doing. */
  readonly status: () => NexusStatus;
  readonly refusals: Refusals;
  readonly storeErrors: StoreErrors;
}

/** Judges a configuration. Throws `config_invalid`, which lists every problem. */
export function judge(input: NexusConfig, { options }: EngineGround): ParseResult {
  const { config, warnings } = parseConfig(input, {
    kinds: options.providers ?? [],
    mcpInCode: hasMembers(options.tools) || hasMembers(options.mcpServers),
    identifies: options.identify !== undefined,
  });
  return { config, warnings: lacksDemo(config) ? [...warnings, NO_DEMO] : warnings };
}

const NO_DEMO =
  "demo: answers in 'nexus serve' only; in an application, the fake provider of nexus-ai/testing stands in for a vendor";

/** Whether a demo is asked for that nobody has put in the place of the providers without a key. */
function lacksDemo({ demo, llm }: ParsedConfig): boolean {
  if (demo?.enabled !== true) return false;
  return Object.values(llm.providers).some(({ apiKey, baseUrl }) => apiKey === undefined && baseUrl === undefined);
}

export function openMcp(
  config: ParsedConfig,
  { logger, options, runtime }: EngineGround,
  limits: Limits | undefined,
): McpPlane {
  const { fetch, mcpServers, tools } = options;
  return new McpPlane(config.mcp, {
    runtime,
    logger,
    version,
    maxBody: config.server.maxBody,
    tools,
    mcpServers,
    limits: limits?.tools,
    fetch: fetch === undefined ? undefined : (url, init = {}) => fetch(String(url), init),
  });
}

export function openObserver(
  { openTelemetry: settings }: ParsedConfig,
  { logger, options }: EngineGround,
  store: () => CounterStore['state'] | undefined,
): Observer | undefined {
  return createObserver(settings, { host: options.telemetry, version, logger, store });
}

export function openTelemetry(
  config: ParsedConfig,
  llm: LlmPlane,
  { logger, options, records, status }: EngineGround,
  observer: Observer | undefined,
  earlier: Telemetry | undefined,
): Telemetry | undefined {
  if (config.telemetry === undefined) return undefined;
  const lines = lineLogger(config.telemetry.logs);
  const ground = {
    isGated: config.server.oauth !== undefined,
    dialect: openaiChat,
    // The console of an application gets warnings and errors only: whoever switches the request log on wants its lines.
    logger: options.logger === undefined ? (observer?.logger(lines) ?? lines) : logger,
    caughtUp: () => records.catchUp(),
    status,
    knowsModel: (provider: string, model: string) =>
      llm.healthOf(provider, model) !== undefined || llm.catalogue.has(provider, model),
  };
  return new Telemetry(config.telemetry, ground, earlier);
}

/** All of a configuration that the MCP plane is made from. */
export function mcpFacts({ mcp, server }: ParsedConfig) {
  const { enabled, storage } = server.rateLimits;
  return { mcp, maxBody: server.maxBody, limited: enabled, storage };
}

export function openTokens({ server }: ParsedConfig, ground: EngineGround): ResourceServer | undefined {
  const { logger, options, runtime } = ground;
  return (
    server.oauth && new ResourceServer(server.oauth, { runtime, logger, fetch: options.fetch ?? globalThis.fetch })
  );
}

export function hasMembers(record: object | undefined): boolean {
  return record !== undefined && Object.keys(record).length > 0;
}
