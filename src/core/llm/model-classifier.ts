import { Buffer } from 'node:buffer';
import { NexusError } from '../errors/nexus-error.ts';
import { type Charged, ChargedEvidence } from '../exchange/evidence.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { openRecord } from '../exchange/record.ts';
import { isByteStream, type Reply } from '../exchange/reply.ts';
import type { EndpointContext } from '../http/endpoint.ts';
import { Preparation } from './preparation.ts';
import { addressOf, openaiChat } from './protocols/openai-chat/index.ts';
import type { Target } from './providers/target.ts';
import { exclusionsOf, planOf, rankOf } from './routing/plan.ts';
import type { Leaf, Option, Route } from './routing/route.ts';
import { RoutedRequest } from './routing/routed-request.ts';
import type { ModelChoice } from './routing/smart/choice.ts';
import { Decisions, decisionKey } from './routing/smart/decisions.ts';
import { bounded, namedIn, questionFor, SHOWN } from './routing/smart/model-question.ts';
import { Attempts } from './upstream/attempt.ts';
import type { AttemptGround, Prepared } from './upstream/attempt-plan.ts';

/** Longest time for all attempts to ask, in milliseconds. */
const PATIENCE = 3000;

/** The request a target is wanted for. */
export interface Classified {
  readonly exchange: Exchange;
  readonly context: EndpointContext;
  readonly request: RoutedRequest;
}

interface Question {
  readonly text: string;
  readonly options: readonly Option[];
  readonly names: readonly string[];
  readonly key: string;
}

/**
 * Asks a model which target of a smart route a request should have, through the same machinery as all calls, and
 * remembers what it said. It is shown the last of the user's text and nothing else of the request. Whatever goes wrong
 * means the route's default; what the call cost is written down with the request.
 */
export class ModelClassifier {
  readonly #ground: AttemptGround;
  readonly #decisions: Decisions;

  constructor(ground: AttemptGround) {
    this.#ground = ground;
    this.#decisions = new Decisions(ground.runtime.elapsed);
  }

  /** What is known without asking. */
  known(route: Route, request: RoutedRequest): ModelChoice | undefined {
    const question = questionOf(route, request);
    if (typeof question === 'string') return { route, target: undefined, why: question };
    const target = this.#decisions.find(question.key);
    return target === undefined ? undefined : { route, target, why: 'the classifier chose it within ten minutes' };
  }

  /** Rejects only when the client has left, or we are closing. */
  async choose(route: Route, classified: Classified): Promise<ModelChoice> {
    const known = this.known(route, classified.request);
    if (known !== undefined) return known;
    const question = questionOf(route, classified.request);
    if (typeof question === 'string') return { route, target: undefined, why: question };
    const target = await this.#ask(route, question, classified);
    if (target === undefined) return { route, target, why: 'the classifier gave no name that was on offer' };
    this.#decisions.keep(question.key, target);
    return { route, target, why: 'the classifier chose it' };
  }

  async #ask(route: Route, question: Question, { exchange, context }: Classified): Promise<string | undefined> {
    const { runtime } = this.#ground;
    const record = openRecord(context.record.id, runtime.now(), 'router', undefined, runtime.elapsed());
    const own: EndpointContext = { ...context, record, evidence: undefined, booking: undefined, seal: () => undefined };
    const asking = withoutQuery(exchange);
    const body = questionFor(question.text, question.options);
    try {
      const candidates = this.#candidates(route, asking, own, body);
      // It would only cost time to ask who has just failed.
      if (candidates.length === 0) return undefined;
      const policy = { ...route.policy, timeout: PATIENCE, learnOutput: () => undefined };
      const prepare = (target: Target): Prepared => this.#prepare(target, asking, body);
      const attempts = { exchange: asking, context: own, plan: { candidates, policy, route: undefined }, prepare };
      return namedIn(answerIn(await new Attempts(this.#ground, attempts).run()), question.names);
    } catch (thrown) {
      if (NexusError.is(thrown) && (thrown.code === 'client_closed' || thrown.code === 'shutting_down')) throw thrown;
      return undefined;
    } finally {
      context.evidence = new ChargedEvidence(undefined, chargesOf(own));
    }
  }

  /** Those that are well; empty: nobody is. */
  #candidates(
    { classifier }: Route,
    exchange: Exchange,
    context: EndpointContext,
    body: Record<string, unknown>,
  ): readonly Leaf[] {
    const { runtime } = this.#ground;
    const now = runtime.elapsed();
    const node = classifier?.node;
    if (node === undefined) return [];
    if (node.kind === 'target') return rankOf(node.breaker, node.health, now) === 0 ? [node] : [];
    const bytes = Buffer.from(JSON.stringify(body));
    const call = { exchange, context, bytes, request: body, model: node.name, stream: false, time: runtime.now() };
    const leaves: readonly Leaf[] = planOf(node, {
      request: new RoutedRequest(call),
      now,
      random: runtime.random,
    }).candidates;
    return leaves.filter(({ breaker, health }) => rankOf(breaker, health, now) === 0);
  }

  #prepare(target: Target, exchange: Exchange, question: Record<string, unknown>): Prepared {
    const { maxTokensField = 'max_completion_tokens' } = target.provider.definition;
    const request = bounded(question, target.model, maxTokensField);
    const bytes = Buffer.from(JSON.stringify(request));
    const address = addressOf(request);
    const { runtime } = this.#ground;
    return new Preparation({ exchange, bytes, request, client: openaiChat, address, runtime }).for(target);
  }
}

/** Why nobody need be asked, where it is so. */
function questionOf(route: Route, request: RoutedRequest): Question | string {
  const excluded = exclusionsOf(route, request);
  const options = route.open.filter(({ node }) =>
    node.kind === 'target' ? !excluded.has(node) : node.leaves.some((leaf) => !excluded.has(leaf)),
  );
  if (options.length < 2) return 'no more than one target can take the request';
  const text = request.userText(SHOWN);
  if (text === '') return 'the request has no text: the default';
  const names = options.map(({ node }) => node.name);
  return { text, options, names, key: decisionKey(route.name, names, text) };
}

/** The same caller, with a request of ours. */
function withoutQuery(exchange: Exchange): Exchange {
  return {
    method: 'POST',
    path: exchange.path,
    query: '',
    host: exchange.host,
    header: (name) => exchange.header(name),
    headerNames: () => exchange.headerNames(),
    bytes: (limit) => exchange.bytes(limit),
    get closed() {
      return exchange.closed;
    },
    onClose: (listener) => exchange.onClose(listener),
  };
}

function answerIn({ body }: Reply): unknown {
  if (body === null || isByteStream(body)) return undefined;
  return JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body));
}

/** The last attempt, and those that were billed before it. */
function chargesOf({ record, evidence }: EndpointContext): readonly Charged[] {
  const { provider, model, modelAlias } = record;
  const earlier = (evidence?.charged ?? []).map((charged) => ({ ...charged, purpose: 'router' as const }));
  if (provider === undefined || model === undefined) return earlier;
  const reported = { usage: record.usage, source: record.usage === undefined ? 'none' : 'reported' } as const;
  const measure = () => evidence?.measure() ?? reported;
  return [...earlier, { purpose: 'router', provider, model, modelAlias, measure }];
}
