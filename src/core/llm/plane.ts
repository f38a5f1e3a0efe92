import type { ParsedConfig } from '../config/resolve.ts';
import { NexusError } from '../errors/nexus-error.ts';
import type { Endpoint, OwnedPrefix } from '../http/endpoint.ts';
import type { Transport } from '../http/transport.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { chatCompletionsEndpoint } from './endpoints/chat-completions.ts';
import { countTokensEndpoint } from './endpoints/count-tokens.ts';
import { generateContentEndpoint } from './endpoints/generate-content.ts';
import { messagesEndpoint } from './endpoints/messages.ts';
import { modelIds, modelsEndpoints } from './endpoints/models.ts';
import { responsesEndpoint } from './endpoints/responses.ts';
import { ModelPipeline } from './pipeline.ts';
import { anthropicMessages } from './protocols/anthropic-messages/index.ts';
import { googleGenerate } from './protocols/google-generate/index.ts';
import { openaiChat } from './protocols/openai-chat/index.ts';
import type { ProviderDefinition } from './providers/definition.ts';
import { Provider } from './providers/provider.ts';
import { PROVIDERS } from './providers/registry.ts';
import type { Call } from './upstream/call.ts';
import { InFlight } from './upstream/in-flight.ts';

export interface LlmPlaneOptions {
  readonly runtime: Runtime;
  /** Opens the way to the upstreams; called once, on first use. */
  readonly openTransport: () => Promise<Transport>;
  /** The host's own vendors, beside the built-in ones. */
  readonly definitions: readonly ProviderDefinition[];
}

/** Everything about language models: its endpoints, and what it holds open. */
export class LlmPlane {
  readonly endpoints: readonly Endpoint[];
  readonly prefixes: readonly OwnedPrefix[];
  /** Configured models as clients name them. */
  readonly models: readonly string[];
  readonly #openTransport: () => Promise<Transport>;
  readonly #inFlight: InFlight<Call>;
  #transport: Transport | undefined;
  #opening: Promise<Transport> | undefined;

  constructor(config: ParsedConfig, { definitions, openTransport, runtime }: LlmPlaneOptions) {
    this.#openTransport = openTransport;
    this.#inFlight = new InFlight(runtime.elapsed);
    const providers = createProviders(config, definitions);
    const pipeline = new ModelPipeline({
      providers,
      runtime,
      maxBody: config.server.maxBody,
      transport: () => this.#transport ?? this.open(),
      inFlight: this.#inFlight,
    });
    const { openai, anthropic, google } = servedPrefixes(config);
    this.models = modelIds(providers.values());
    // The first wins where two dialects share a prefix: unknown paths there are answered in OpenAI’s.
    this.prefixes = [
      ...openai.map((prefix) => ({ prefix, dialect: openaiChat })),
      ...anthropic.map((prefix) => ({ prefix, dialect: anthropicMessages })),
      ...google.map((prefix) => ({ prefix, dialect: googleGenerate })),
    ];
    this.endpoints = [
      ...(openai.length > 0 ? [chatCompletionsEndpoint(openai, pipeline), responsesEndpoint(openai, pipeline)] : []),
      ...(anthropic.length > 0
        ? [messagesEndpoint(anthropic, pipeline), countTokensEndpoint(anthropic, pipeline)]
        : []),
      ...(google.length > 0 ? [generateContentEndpoint(google, pipeline)] : []),
      ...modelsEndpoints({ openai, anthropic, google }, providers),
    ];
  }

  /** Loads the transport, so that the first call need not. */
  open(): Promise<Transport> {
    this.#opening ??= this.#openTransport().then((transport) => {
      this.#transport = transport;
      return transport;
    });
    return this.#opening;
  }

  /** How many calls are on their way. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Ends what is still running (streams with an error event) and closes all connections. */
  async close(): Promise<void> {
    for (const call of this.#inFlight.all()) {
      call.fail(new NexusError('shutting_down', 'The gateway is shutting down'));
    }
    if (this.#opening !== undefined) await (await this.#opening).close();
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

function servedPrefixes({ llm }: ParsedConfig) {
  const { openai, anthropic, google } = llm.protocols;
  const served = ({ enabled, paths }: { readonly enabled: boolean; readonly paths: readonly string[] }) =>
    llm.enabled && enabled ? paths : [];
  return { openai: served(openai), anthropic: served(anthropic), google: served(google) };
}
