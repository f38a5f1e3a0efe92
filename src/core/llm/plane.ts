import type { ParsedConfig } from '../config/resolve.ts';
import { NexusError } from '../errors/nexus-error.ts';
import type { Endpoint, OwnedPrefix } from '../http/endpoint.ts';
import type { Transport } from '../http/transport.ts';
import type { TokenLimits } from '../policy/limits/token-limits.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { chatCompletionsEndpoint } from './endpoints/chat-completions.ts';
import { countTokensEndpoint } from './endpoints/count-tokens.ts';
import { embeddingsEndpoint } from './endpoints/embeddings.ts';
import { generateContentEndpoint } from './endpoints/generate-content.ts';
import { messagesEndpoint } from './endpoints/messages.ts';
import { modelsEndpoints } from './endpoints/models.ts';
import { responsesEndpoint } from './endpoints/responses.ts';
import { Settlement } from './metering/settlement.ts';
import { ModelCatalogue } from './models/catalogue.ts';
import { ModelPipeline } from './pipeline.ts';
import { anthropicMessages } from './protocols/anthropic-messages/index.ts';
import { googleGenerate } from './protocols/google-generate/index.ts';
import { openaiChat } from './protocols/openai-chat/index.ts';
import type { ProviderDefinition } from './providers/definition.ts';
import { Provider } from './providers/provider.ts';
import { PROVIDERS } from './providers/registry.ts';
import { Routes } from './routing/routes.ts';
import { InFlight, type Running } from './upstream/in-flight.ts';
import { RetryBudgets } from './upstream/retry-budget.ts';
import { Transports } from './upstream/transports.ts';

export interface LlmPlaneOptions {
  readonly runtime: Runtime;
  readonly logger: Logger;
  /** Opens the way to the upstreams; called once, on first use. */
  readonly openTransport: () => Promise<Transport>;
  /** The host's own vendors, beside the built-in ones. */
  readonly definitions: readonly ProviderDefinition[];
  readonly tokenLimits?: TokenLimits | undefined;
}

/** Everything about language models: its endpoints, and what it holds open. */
export class LlmPlane {
  readonly endpoints: readonly Endpoint[];
  readonly prefixes: readonly OwnedPrefix[];
  /** Configured models as clients name them. */
  readonly models: readonly string[];
  readonly #providers: ReadonlyMap<string, Provider>;
  readonly #transports: Transports;
  readonly #catalogue: ModelCatalogue;
  readonly #inFlight: InFlight<Running>;
  readonly #routes: Routes;
  /** Completes records with what was used and what it cost. */
  readonly settlement: Settlement;

  constructor(config: ParsedConfig, options: LlmPlaneOptions) {
    const { definitions, logger, openTransport, runtime, tokenLimits } = options;
    this.#transports = new Transports(openTransport);
    this.#inFlight = new InFlight(runtime.elapsed);
    this.settlement = new Settlement(config.llm, ({ message, cause }) => logger.error(message, { error: cause }));
    const providers = createProviders(config, definitions);
    this.#providers = providers;
    this.#catalogue = new ModelCatalogue({
      providers,
      discovery: config.llm.discovery,
      transports: this.#transports,
      logger,
    });
    this.#routes = new Routes(config.llm, providers, this.settlement);
    const { explain, keepaliveAfter, retry } = config.llm;
    const pipeline = new ModelPipeline({
      routes: this.#routes,
      budgets: new RetryBudgets(),
      retry,
      explain,
      keepaliveAfter,
      providers,
      catalogue: this.#catalogue,
      runtime,
      maxBody: config.server.maxBody,
      transports: this.#transports,
      inFlight: this.#inFlight,
      tokenLimits,
    });
    const { openai, anthropic, google } = servedPrefixes(config);
    this.models = configuredModels(providers.values());
    // The first wins where two dialects share a prefix: unknown paths there are answered in OpenAI’s.
    this.prefixes = [
      ...openai.map((prefix) => ({ prefix, dialect: openaiChat })),
      ...anthropic.map((prefix) => ({ prefix, dialect: anthropicMessages })),
      ...google.map((prefix) => ({ prefix, dialect: googleGenerate })),
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
      ...modelsEndpoints({ openai, anthropic, google }, this.#catalogue),
    ];
  }

  /**
   * Loads the transports and begins to ask the providers for their models, so that the first call need not. Rejects where
   * discovery is required and fails.
   */
  async open(): Promise<void> {
    await this.#transports.open(this.#providers.values());
    if (this.#routes.size > 0) await this.#routes.open();
    await this.#catalogue.open();
  }

  /** How many calls are on their way. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Ends what is still running (streams with an error event) and closes all connections. */
  async close(): Promise<void> {
    this.#catalogue.close();
    for (const call of this.#inFlight.all()) {
      call.fail(new NexusError('shutting_down', 'The gateway is shutting down'));
    }
    await this.#transports.close();
  }
}

function createProviders(
  config: ParsedConfig,
  definitions: readonly ProviderDefinition[],
): ReadonlyMap<string, Provider> {
  const known = new Map([...PROVIDERS, ...definitions.map((definition) => [definition.kind, definition] as const)]);
  const providers = new Map<string, Provider>();
  for (const provider of Object.values(config.llm.providers)) {
    const definition = known.get(provider.type);
    if (definition !== undefined) providers.set(provider.name, new Provider(definition, provider));
  }
  return providers;
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
