// A configuration written as a literal, and the names in it: what the types of an instance offer where a name is typed.
import type {
  LlmConfig,
  McpConfig,
  McpServerConfig,
  ModelConfig,
  NexusConfig,
  ProviderConfig,
  RouteConfig,
} from './types.ts';

/** A `NexusConfig` whose names are known: providers with their models, routes, and MCP servers. */
export interface NamedConfig<Providers, Route extends string = string, Server extends string = string>
  extends Omit<NexusConfig, 'llm' | 'mcp'> {
  /** The LLM plane: protocols, providers, routes. */
  llm?: NamedLlmConfig<Providers, Route> | undefined;
  /** The MCP plane: servers and what clients see of them. */
  mcp?: NamedMcpConfig<Server> | undefined;
}

export interface NamedLlmConfig<Providers, Route extends string> extends Omit<LlmConfig, 'providers' | 'routes'> {
  /** Providers, by the name clients put before the slash of a model id; names contain no slash. */
  providers?: { [Name in keyof Providers]: NamedProviderConfig<Providers[Name]> } | undefined;
  /** Virtual models, by the name clients use: `name` or `route:name`. */
  routes?: Record<Route, RouteConfig> | undefined;
}

export interface NamedProviderConfig<Models> extends Omit<ProviderConfig, 'models'> {
  /** Models by the name clients put behind the slash. */
  models?: { [Name in keyof Models]: ModelConfig } | undefined;
}

export interface NamedMcpConfig<Server extends string> extends Omit<McpConfig, 'servers'> {
  /** MCP servers, by the name that stands before their tools. */
  servers?: Record<Server, McpServerConfig> | undefined;
}

/** `provider/model` for each configured model. */
export type ModelId<Providers, Provider = keyof Providers> = Provider extends keyof Providers & string
  ? `${Provider}/${keyof Providers[Provider] & string}`
  : never;

/**
 * A configuration in a file of its own, checked as it is typed; at run time it gives back what it was given. An instance
 * that is made from it knows the names in it.
 *
 * @example
 * ```ts
 * export default defineConfig({
 *   llm: { providers: { openai: { type: 'openai', models: { quick: { upstream: 'gpt-5-mini' } } } } },
 * });
 * ```
 */
export function defineConfig<Providers, Route extends string = never, Server extends string = never>(
  config: NamedConfig<Providers, Route, Server>,
): NamedConfig<Providers, Route, Server> {
  return config;
}
