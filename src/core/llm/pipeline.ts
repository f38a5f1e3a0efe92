import type { Buffer } from 'node:buffer';
import type { ParsedRetry } from '../config/resolve-routes.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Reply } from '../exchange/reply.ts';
import { tracedHeaders } from '../exchange/trace.ts';
import type { EndpointContext } from '../http/endpoint.ts';
import { type JsonBody, parseJsonBody, readJsonBody, readJsonBytes } from '../http/json-body.ts';
import { json } from '../http/respond.ts';
import { textOf } from '../http/text.ts';
import { stampHeaders, type Told } from '../policy/limits/limit-headers.ts';
import type { TokenLimits } from '../policy/limits/token-limits.ts';
import type { JsonObject } from './canonical/request.ts';
import { MeteredCall } from './metered-call.ts';
import { requestParameters } from './metering/request-parameters.ts';
import type { ModelClassifier } from './model-classifier.ts';
import type { ModelCatalogue } from './models/catalogue.ts';
import { Preparation } from './preparation.ts';
import type { Address, ClientProtocol } from './protocols/protocol.ts';
import type { Provider } from './providers/provider.ts';
import type { Target } from './providers/target.ts';
import { type Explanation, explain, explainTarget } from './routing/explain.ts';
import { orderingOf, type PlanContext, planOf } from './routing/plan.ts';
import { resolveModel } from './routing/resolve.ts';
import type { Route } from './routing/route.ts';
import { RoutedRequest } from './routing/routed-request.ts';
import type { Routes } from './routing/routes.ts';
import { certainSmartRoute } from './routing/smart/choice.ts';
import { Attempts } from './upstream/attempt.ts';
import type { AttemptGround, AttemptPolicy, AttemptRequest, Plan, Prepared } from './upstream/attempt-plan.ts';
import { Call } from './upstream/call.ts';
import { runTogether } from './upstream/call-group.ts';

export interface PipelineOptions extends AttemptGround {
  readonly providers: ReadonlyMap<string, Provider>;
  readonly catalogue: ModelCatalogue;
  readonly routes: Routes;
  readonly retry: ParsedRetry;
  /** Clients may ask where their request would go. */
  readonly explain: boolean;
  readonly maxBody: number;
  /** Absent: tokens are not limited. */
  readonly tokenLimits?: TokenLimits | undefined;
}

/** A model call as its endpoint received it. */
export interface ModelCall {
  readonly exchange: Exchange;
  readonly context: EndpointContext;
  /** The protocol the client speaks. */
  readonly client: ClientProtocol;
  /** What a validated body is addressed to. */
  readonly addressOf: (body: JsonObject) => Address;
}

/** A request whose targets are wanted. */
export interface Plannable {
  readonly exchange: Exchange;
  readonly context: EndpointContext;
  readonly bytes: Buffer;
  /** Validated. */
  readonly request: JsonObject;
  /** As the client names it. */
  readonly model: string;
  readonly stream: boolean;
}

/**
 * The straight path of one model call: body, route, attempts. The stages that come with guardrails, caches and budgets
 * stand between these steps in the order ARCHITECTURE.md gives. Each step hands its promise on instead of waiting for it,
 * so that nothing of a parsed request is held while its answer is on the way.
 */
export class ModelPipeline {
  readonly #options: PipelineOptions;
  readonly #directPolicy: AttemptPolicy;
  /** Loaded when a route first asks a model. */
  #asked: Promise<ModelClassifier> | undefined;

  constructor(options: PipelineOptions) {
    this.#options = options;
    const { retry } = options;
    // A target that the client named itself is the only one, with every key of its provider.
    this.#directPolicy = { retry, maxAttempts: 6, timeout: undefined, fallbackOn: new Set(), decay: 30_000 };
  }

  run(call: ModelCall): Promise<Reply> {
    const read = readJsonBytes(call.exchange, this.#options.maxBody);
    return read.then((bytes) => this.#start(call, parseJsonBody(bytes)));
  }

  read(exchange: Exchange): Promise<JsonBody> {
    return readJsonBody(exchange, this.#options.maxBody);
  }

  #start({ exchange, context, client, addressOf }: ModelCall, { bytes, value }: JsonBody): Reply | Promise<Reply> {
    const request = client.validateRequest(value);
    const address = addressOf(request);
    const { model, stream } = address;
    context.record.stream = stream;
    if (context.record.trace?.isSampled === true) context.record.parameters = requestParameters(request);
    const plannable: Plannable = { exchange, context, bytes, request, model, stream };
    if (this.wantsExplanation(exchange, context)) return this.explain(plannable);
    const plan = this.plan(plannable, true);
    if (plan instanceof Promise) return plan.then((made) => this.#admit(plannable, client, address, made));
    return this.#admit(plannable, client, address, plan);
  }

  #admit(
    { exchange, context, bytes, request }: Plannable,
    client: ClientProtocol,
    address: Address,
    plan: Plan,
  ): Promise<Reply> {
    const { runtime } = this.#options;
    const preparation = new Preparation({ exchange, bytes, request, client, address, runtime });
    const attempts: AttemptRequest = {
      exchange,
      context,
      plan,
      prepare: (target) => preparation.for(target),
      admit:
        this.#options.tokenLimits === undefined || plan.candidates.length === 1
          ? undefined
          : // Parsed again: what was parsed is not held while a call is under way.
            (other) => this.reserve(context, other, JSON.parse(textOf(bytes)) as JsonObject, client),
      // Google's client takes comments for broken events, blank lines for nothing.
      keepalive: client.id === 'google-generate' ? '\n\n' : ': keep-alive\n\n',
    };
    const target = plan.candidates[0]?.target;
    const told = target === undefined ? undefined : this.reserve(context, target, request, client);
    return told instanceof Promise ? this.#attemptAdmitted(attempts, told) : this.#attemptTelling(attempts, told);
  }

  async #attemptAdmitted(request: AttemptRequest, reserved: Promise<Told>): Promise<Reply> {
    return this.#attemptTelling(request, await reserved);
  }

  #attemptTelling(request: AttemptRequest, told: Told): Promise<Reply> {
    const answered = this.attempt(request);
    if (told === undefined) return answered;
    return answered.then((reply) => {
      stampHeaders(reply.headers, told);
      return reply;
    });
  }

  /**
   * Books a call with the token limits that hold for it; what is told goes into the headers of its answer. `client` is the
   * protocol of a conversation; absent, the request has no messages. Throws `rate_limited`.
   */
  reserve(
    context: EndpointContext,
    target: Target,
    request: JsonObject,
    client?: ClientProtocol,
  ): Told | Promise<Told> {
    return this.#options.tokenLimits?.admit(new MeteredCall(context, target, request, client));
  }

  /**
   * The targets of a request, in order. A promise only until what routes need has been loaded, and for a model without its
   * provider's name while nobody has been asked yet who has it, and where `asks` and a model chooses the target.
   */
  plan(request: Plannable, asks = false): Plan | Promise<Plan> {
    const { context, model } = request;
    const { routes } = this.#options;
    context.record.requestedModel = model;
    const route = routes.find(model);
    if (route !== undefined) {
      if (routes.isReady) return this.#chosen(route, request, asks);
      return routes.open().then(() => this.#chosen(route, request, asks));
    }
    const target = this.#resolve(model);
    return target instanceof Promise ? target.then((found) => this.#direct(found)) : this.#direct(target);
  }

  /** Whether the answer is to be an explanation, which calls nobody. */
  wantsExplanation(exchange: Exchange, context: EndpointContext): boolean {
    if (context.explain === true) return true;
    return this.#options.explain && exchange.header('x-nexus-explain') === 'true';
  }

  /** Where a request would go, as JSON. */
  async explain(request: Plannable): Promise<Reply> {
    const { model } = request;
    const { routes } = this.#options;
    request.context.record.requestedModel = model;
    const route = routes.find(model);
    let explanation: Explanation;
    if (route === undefined) explanation = explainTarget(await this.#resolve(model), model);
    else {
      await routes.open();
      const context = this.#planContext(request);
      const head = route.asksModel ? certainSmartRoute(route, context.request) : undefined;
      const choice = head?.classifier && (await this.#classifier()).known(head, context.request);
      explanation = explain(route, model, { ...context, choice });
    }
    return json(200, JSON.stringify(explanation), ['x-nexus-explain', 'true']);
  }

  /** Tries the targets of a plan, one after the other. Rejects with a `NexusError` when none has answered. */
  attempt(request: AttemptRequest): Promise<Reply> {
    return new Attempts(this.#options, request).run();
  }

  /**
   * Sends `count` calls to one target that make one answer together; what they bring is kept by their deliveries. They
   * share the deadline of a single call. Rejects with the first failure, which ends the others.
   */
  async sendAll(
    exchange: Exchange,
    { record, seal }: EndpointContext,
    { provider, alias, model }: Target,
    count: number,
    preparedAt: (index: number) => Prepared,
  ): Promise<void> {
    record.provider = provider.name;
    record.model = model;
    record.modelAlias = alias;
    const { runtime, inFlight, transports } = this.#options;
    const startedAt = runtime.elapsed();
    const { headers, secret, forwarded } = provider.credentials(exchange, alias, startedAt);
    const transport = await transports.forCalls(provider);
    const spanId = record.trace?.depart('attempt', startedAt - record.begunAt);
    const sent =
      record.trace === undefined || spanId === undefined ? headers : tracedHeaders(headers, record.trace, spanId);
    const open = (index: number): Call => {
      const { path, body, stream, delivery } = preparedAt(index);
      return new Call({
        exchange,
        record,
        seal,
        runtime,
        delivery,
        inFlight,
        stream,
        secret,
        forwarded,
        transport,
        request: { origin: provider.url, path, method: 'POST', headers: sent, body },
        deadlines: provider.deadlines,
        startedAt,
      });
    };
    await runTogether(count, open);
  }

  #resolve(model: string): Target | Promise<Target> {
    return resolveModel(model, this.#options.providers, this.#options.catalogue);
  }

  #direct(target: Target): Plan {
    const health = this.#options.routes.health(target);
    const { deadlines } = target.provider;
    return { candidates: [{ target, health, deadlines }], policy: this.#directPolicy, route: undefined };
  }

  #chosen(route: Route, request: Plannable, asks: boolean): Plan | Promise<Plan> {
    const context = this.#planContext(request);
    const head = asks && route.asksModel ? certainSmartRoute(route, context.request) : undefined;
    if (head?.classifier === undefined || orderingOf(head, context.request) !== 'smart') {
      return this.#routed(route, request, context);
    }
    return this.#classifier()
      .then((classifier) => classifier.choose(head, { ...request, request: context.request }))
      .then((choice) => this.#routed(route, request, { ...context, now: this.#options.runtime.elapsed(), choice }));
  }

  #classifier(): Promise<ModelClassifier> {
    this.#asked ??= import('./model-classifier.ts').then(({ ModelClassifier }) => new ModelClassifier(this.#options));
    return this.#asked;
  }

  #routed(route: Route, request: Plannable, context: PlanContext): Plan {
    const plan = planOf(route, context);
    const { record } = request.context;
    record.route = plan.route;
    record.variant = plan.variant;
    return plan;
  }

  #planContext(request: Plannable): PlanContext {
    const { runtime } = this.#options;
    return {
      request: new RoutedRequest({ ...request, time: runtime.now() }),
      now: runtime.elapsed(),
      random: runtime.random,
    };
  }
}
