import type { ParsedConfig, ParsedProvider } from '../config/resolve.ts';
import { saysTheSame } from '../config/same.ts';
import { NexusError } from '../errors/nexus-error.ts';
import type { Endpoint, OwnedPrefix } from '../http/endpoint.ts';
import type { TokenLimits } from '../policy/limits/token-limits.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { openRestBoard, type RestBoard } from '../stores/rest-board.ts';
import type { StoreErrors } from '../stores/store-errors.ts';
import { chatCompletionsEndpoint } from './endpoints/chat-completions.ts';
import { countTokensEndpoint } from './endpoints/count-tokens.ts';
import { embeddingsEndpoint } from './endpoints/embeddings.ts';
import { anthropicErrors, googleErrors, openaiErrors } from './endpoints/error-dialects.ts';
import { generateContentEndpoint } from './endpoints/generate-content.ts';
import { messagesEndpoint } from './endpoints/messages.ts';
import { modelsEndpoints } from './endpoints/models.ts';
import { responsesEndpoint } from './endpoints/responses.ts';
import { Settlement } from './metering/settlement.ts';
import { ModelCatalogue } from './models/catalogue.ts';
import { ModelPipeline } from './pipeline.ts';
import type { ProviderDefinition } from './providers/definition.ts';
import { Provider } from './providers/provider.ts';
import { PROVIDERS } from './providers/registry.ts';
import { type ModelOverview, overviewOf } from './routing/overview.ts';
import { type KnownHealth, Routes } from './routing/routes.ts';
import { type LlmStatus, llmStatus } from './status.ts';
import { InFlight, type Running } from './upstream/in-flight.ts';
import { RetryBudgets } from './upstream/retry-budget.ts';
import type { TargetHealth } from './upstream/target-health.ts';
import type { Transports } from './upstream/transports.ts';

export interface LlmPlaneOptions {
  readonly runtime: Runtime;
  readonly logger: Logger;
  /** The ways to the upstreams. Whoever made them closes them. */
  readonly transports: Transports;
  /** The host's own vendors, beside the built-in ones. */
  readonly definitions: readonly ProviderDefinition[];
  readonly tokenLimits?: TokenLimits | undefined;
  readonly storeErrors: StoreErrors;
  /** The plane of the configuration before this one: what has not changed lives on. */
  readonly earlier?: LlmPlane | undefined;
}

/** Everything about language models: its endpoints, and what it holds open. */
export class LlmPlane {
  readonly endpoints: readonly Endpoint[];
  readonly prefixes: readonly OwnedPrefix[];
  /** Configured models as clients name them. */
  readonly models: readonly string[];
  /** By their configured names. */
  readonly providers: ReadonlyMap<string, Provider>;
  readonly config: ParsedConfig['llm'];
  readonly budgets: RetryBudgets;
  readonly #runtime: Runtime;
  readonly #transports: Transports;
  readonly catalogue: ModelCatalogue;
  readonly #inFlight: InFlight<Running>;
  readonly #routes: Routes;
  /** What processes with the same Redis tell each other. */
  readonly #rests: RestBoard | undefined;
  /** Completes records with what was used and what it cost. */
  readonly settlement: Settlement;

  constructor(config: ParsedConfig, options: LlmPlaneOptions) {
    const { definitions, earlier, logger, runtime, storeErrors, tokenLimits, transports } = options;
    this.config = config.llm;
    this.#runtime = runtime;
    this.#transports = transports;
    this.#inFlight = new InFlight(runtime.elapsed);
    this.settlement = new Settlement(config.llm, ({ message, cause }) => logger.error(message, { error: cause }));
    const providers = createProviders(config, definitions, earlier);
    warnOfLocked(providers.values(), logger);
    this.providers = providers;
    const accounts = sameAccounts(config.llm, earlier?.config);
    this.catalogue = new ModelCatalogue({
      providers,
      discovery: config.llm.discovery,
      transports,
      logger,
      known: (name) => (accounts.has(name) ? earlier?.catalogue.listedBy(name) : undefined),
    });
    const hasRoutes = Object.keys(config.llm.routes).length > 0;
    const { storage } = config.server.rateLimits;
    this.#rests = hasRoutes ? openRestBoard(storage, { logger, runtime, storeErrors }) : undefined;
    const known: KnownHealth = ({ name }, model) => (accounts.has(name) ? earlier?.healthOf(name, model) : undefined);
    this.#routes = new Routes(config.llm, providers, this.settlement, known, this.#rests);
    this.budgets = earlier?.budgets ?? new RetryBudgets();
    const { explain, keepaliveAfter, retry } = config.llm;
    const pipeline = new ModelPipeline({
      routes: this.#routes,
      budgets: this.budgets,
      retry,
      explain,
      keepaliveAfter,
      providers,
      catalogue: this.catalogue,
      runtime,
      maxBody: config.server.maxBody,
      transports,
      inFlight: this.#inFlight,
      tokenLimits,
    });
    const { openai, anthropic, google } = servedPrefixes(config);
    this.models = configuredModels(providers.values());
    // The first wins where two dialects share a prefix: unknown paths there are answered in OpenAI’s.
    this.prefixes = [
      ...openai.map((prefix) => ({ prefix, dialect: openaiErrors })),
      ...anthropic.map((prefix) => ({ prefix, dialect: anthropicErrors })),
      ...google.map((prefix) => ({ prefix, dialect: googleErrors })),
    ];
    this.endpoints = [
      ...(openai.length > 0
        ? [
            chatCompletionsEndpoint(openai, pipeline),
            responsesEndpoint(openai, pipeline),
            embeddingsEndpoint(openai, pipeline),
          ]
        : []),
      ...(anthropic.length > 0
        ? [messagesEndpoint(anthropic, pipeline), countTokensEndpoint(anthropic, pipeline)]
        : []),
      ...(google.length > 0 ? [generateContentEndpoint(google, pipeline)] : []),
      ...modelsEndpoints({ openai, anthropic, google }, this.catalogue),
    ];
  }

  /**
   * Loads the transports and the protocols spoken over them, and begins to ask the providers for their models, so that the
   * first call need not. Rejects where discovery is required and fails.
   */
  async open(): Promise<void> {
    await this.#transports.open(this.providers.values());
    if (this.#routes.size > 0) await this.#routes.open();
    await this.catalogue.open();
  }

  /** What clients may ask for, the providers' own lists included. */
  overview(): Promise<ModelOverview> {
    return overviewOf(this);
  }

  /** How many calls are on their way. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  status(): LlmStatus {
    const { inFlight, providers, catalogue } = this;
    const { elapsed, now } = this.#runtime;
    const prices = this.settlement.priceLists;
    return llmStatus({ inFlight, providers, catalogue, prices, routes: this.#routes, now: elapsed(), time: now() });
  }

  /** Ends what is still running (streams with an error event), and asks nobody for models any more. */
  async close(): Promise<void> {
    this.catalogue.close();
    for (const call of this.#inFlight.all()) {
      call.fail(new NexusError('shutting_down', 'The gateway is shutting down'));
    }
    await this.#rests?.close();
  }

  /** What is known of a target; `undefined` where no route has it. */
  healthOf(name: string, model: string): TargetHealth | undefined {
    const provider = this.providers.get(name);
    return provider && this.#routes.health({ provider, model });
  }
}

function createProviders(
  config: ParsedConfig,
  definitions: readonly ProviderDefinition[],
  earlier: LlmPlane | undefined,
): ReadonlyMap<string, Provider> {
  const known = new Map([...PROVIDERS, ...definitions.map((definition) => [definition.kind, definition] as const)]);
  const providers = new Map<string, Provider>();
  for (const provider of Object.values(config.llm.providers)) {
    const definition = known.get(provider.type);
    if (definition === undefined) continue;
    const { name } = provider;
    const kept =
      earlier !== undefined && saysTheSame(provider, earlier.config.providers[name])
        ? earlier.providers.get(name)
        : undefined;
    providers.set(name, kept ?? new Provider(definition, provider));
  }
  return providers;
}

/** A key that was to come from the environment, and is not there, is met at the first call otherwise. */
function warnOfLocked(providers: Iterable<Provider>, logger: Logger): void {
  for (const { name, isLocked } of providers) {
    if (!isLocked) continue;
    logger.warn(
      `Provider '${name}' has no API key: all calls to it are refused. Set its key, or forward those of callers`,
    );
  }
}

/** Names of the providers that are the same customer at the same place as before: what is known of them still holds. */
function sameAccounts(
  { providers }: ParsedConfig['llm'],
  earlier: ParsedConfig['llm'] | undefined,
): ReadonlySet<string> {
  const account = ({ type, baseUrl, apiVersion, apiKeys, aws }: ParsedProvider) => ({
    type,
    baseUrl,
    apiVersion,
    apiKeys,
    aws,
  });
  const same = Object.values(providers).filter((provider) => {
    const before = earlier?.providers[provider.name];
    return before !== undefined && saysTheSame(account(provider), account(before));
  });
  return new Set(same.map(({ name }) => name));
}

function configuredModels(providers: Iterable<Provider>): readonly string[] {
  return [...providers].flatMap(({ name, models }) => [...models.keys()].map((id) => `${name}/${id}`)).sort();
}

function servedPrefixes({ llm }: ParsedConfig) {
  const { openai, anthropic, google } = llm.protocols;
  const served = ({ enabled, paths }: { readonly enabled: boolean; readonly paths: readonly string[] }) =>
    llm.enabled && enabled ? paths : [];
  return { openai: served(openai), anthropic: served(anthropic), google: served(google) };
}
