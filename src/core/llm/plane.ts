import type { ParsedConfig } from '../config/resolve.ts';
import { NexusError } from '../errors/nexus-error.ts';
import type { Endpoint, OwnedPrefix } from '../http/endpoint.ts';
import type { Transport } from '../http/transport.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { chatCompletionsEndpoint } from './endpoints/chat-completions.ts';
import { modelIds, modelsEndpoint } from './endpoints/models.ts';
import { ChatPipeline } from './pipeline.ts';
import { openaiChat } from './protocols/openai-chat/index.ts';
import { Provider } from './providers/provider.ts';
import { PROVIDERS } from './providers/registry.ts';
import type { Call } from './upstream/call.ts';
import { InFlight } from './upstream/in-flight.ts';

export interface LlmPlaneOptions {
  readonly runtime: Runtime;
  /** Opens the way to the upstreams; called once, on first use. */
  readonly openTransport: () => Promise<Transport>;
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

  constructor(config: ParsedConfig, options: LlmPlaneOptions) {
    const providers = new Map<string, Provider>();
    for (const provider of Object.values(config.llm.providers)) {
      const definition = PROVIDERS.get(provider.type);
      if (definition !== undefined) providers.set(provider.name, new Provider(definition, provider));
    }
    this.#inFlight = new InFlight(options.runtime.elapsed);
    const { enabled, paths } = config.llm.protocols.openai;
    const prefixes = enabled ? paths : [];
    const pipeline = new ChatPipeline({
      providers,
      maxBody: config.server.maxBody,
      runtime: options.runtime,
      transport: () => this.#transport ?? this.open(),
      inFlight: this.#inFlight,
    });
    this.#openTransport = options.openTransport;
    this.models = modelIds(providers.values());
    this.prefixes = prefixes.map((prefix) => ({ prefix, dialect: openaiChat }));
    this.endpoints =
      prefixes.length === 0 ? [] : [chatCompletionsEndpoint(prefixes, pipeline), modelsEndpoint(prefixes, providers)];
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
    for (const call of this.#inFlight.all()) call.fail(new NexusError('shutting_down', 'The gateway is shutting down'));
    if (this.#opening !== undefined) await (await this.#opening).close();
  }
}
