import { fromUnknown } from '../../errors/from-unknown.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { AttemptRecord, FailureClass } from '../../exchange/attempt-record.ts';
import { type Charged, ChargedEvidence } from '../../exchange/evidence.ts';
import { isByteStream, type Reply } from '../../exchange/reply.ts';
import { tracedHeaders } from '../../exchange/trace.ts';
import type { Transport } from '../../http/transport.ts';
import type { Deadlines } from '../providers/deadlines.ts';
import type { Credentials } from '../providers/provider.ts';
import type { AttemptGround, AttemptRequest, Candidate, Prepared } from './attempt-plan.ts';
import { Call, type CallOwner } from './call.ts';
import { exhausted, type Failed } from './exhausted.ts';
import { failureClass } from './failure-class.ts';
import type { Running } from './in-flight.ts';
import { retryAfter } from './retry-after.ts';
import { backoff, maySendAgain } from './retry-policy.ts';
import { restOf } from './target-health.ts';
import { WaitingStream } from './waiting-stream.ts';

/**
 * One request's way along its targets: a `Call` each, one after the other, until one is answered or there is no use in
 * asking further. Until the commit point nothing of any attempt has left, so that the client sees one answer of one
 * target, or the first failure. Waits between attempts are watched by the same clock as calls.
 */
export class Attempts implements CallOwner, Running {
  slot = -1;
  readonly #ground: AttemptGround;
  readonly #request: AttemptRequest;
  readonly #startedAt: number;
  #resolve: (reply: Reply) => void = NOBODY;
  #reject: (error: NexusError) => void = NOBODY;
  #position = 0;
  /** Calls to the present target. */
  #tries = 0;
  #attempts: AttemptRecord[] = [];
  #failures: Failed[] = [];
  /** Calls that have to be paid for besides the present one. */
  #charged: readonly Charged[] | undefined;
  #call: Call | undefined;
  #prepared: Prepared | undefined;
  #credentials: Credentials | undefined;
  #begunAt = 0;
  /** The present attempt's span, where its provider is told of one. */
  #spanId: string | undefined;
  /** When the next attempt begins, while one is waited for. */
  #wakeAt: number | undefined;
  #forgetClose: (() => void) | undefined;
  #waitingStream: WaitingStream | undefined;
  #saidAt = 0;
  #isAnswered = false;

  constructor(ground: AttemptGround, request: AttemptRequest) {
    this.#ground = ground;
    this.#request = request;
    this.#startedAt = ground.runtime.elapsed();
    this.#charged = request.context.evidence?.charged;
  }

  /** Rejects with a `NexusError` when no target gave an answer. */
  run(): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#begin();
    });
  }

  // What the call says.

  answered(reply: Reply): void {
    const { context, plan } = this.#request;
    this.#learn(undefined);
    this.#isAnswered = true;
    const { body, headers } = reply;
    const waiting = this.#waitingStream;
    if (waiting !== undefined && isByteStream(body)) {
      waiting.continueWith(body);
      return;
    }
    for (const header of this.#prepared?.replyHeaders ?? NO_HEADERS) headers.push(header);
    if (plan.route !== undefined) {
      const { provider = '', model = '' } = context.record;
      headers.push('x-nexus-routed-provider', provider, 'x-nexus-routed-model', headerText(model));
      headers.push(...this.#routeHeaders());
    }
    this.#resolve(reply);
  }

  failed(error: NexusError): void {
    const failure = failureClass(error, this.#call?.upstreamStatus ?? 0);
    const asked = retryAfter(this.#call?.upstreamHeaders ?? {}, this.#ground.runtime.now());
    this.#learn(failure, asked);
    this.#next({ failure, error, retryAfter: asked, target: this.#position });
  }

  ended(error: NexusError | undefined): void {
    const { health } = this.#candidate() ?? {};
    health?.end();
    if (!this.#isAnswered) return;
    const { context, plan } = this.#request;
    const output = context.record.usage?.output;
    if (output !== undefined && output > 0) plan.policy.learnOutput?.(output);
    if (error !== undefined && failureClass(error, 200) !== 'cancelled') health?.breakOff(this.#now());
  }

  /** Shows a client that has waited long for a stream that somebody is there. Other targets may still be tried. */
  waiting(now: number): void {
    const { keepalive, context } = this.#request;
    if (keepalive === undefined || this.#prepared?.stream !== true) return;
    const { keepaliveAfter } = this.#ground;
    if (now - Math.max(this.#startedAt, this.#saidAt) < keepaliveAfter) return;
    this.#saidAt = now;
    if (this.#waitingStream === undefined) {
      this.#waitingStream = new WaitingStream(() => this.#leave());
      context.record.status = 200;
      const headers = ['content-type', 'text/event-stream; charset=utf-8', 'cache-control', 'no-cache'];
      if (this.#request.plan.route !== undefined) headers.push('x-nexus-route', headerText(this.#request.plan.route));
      this.#waitingStream.say(keepalive);
      this.#resolve({ status: 200, headers, body: this.#waitingStream });
    } else this.#waitingStream.say(keepalive);
  }

  // While it waits between two attempts.

  checkDeadlines(now: number): void {
    if (this.#wakeAt === undefined) return;
    if (now < this.#wakeAt) {
      this.waiting(now);
      return;
    }
    this.#stopWaiting();
    this.#begin();
  }

  fail(error: NexusError): void {
    if (this.#wakeAt === undefined) return;
    this.#stopWaiting();
    this.#finish(error);
  }

  #leave(): void {
    if (this.#wakeAt === undefined) this.#call?.cancel();
    else this.fail(new NexusError('client_closed', 'The client left before the answer was complete'));
  }

  #stopWaiting(): void {
    this.#wakeAt = undefined;
    this.#forgetClose?.();
    this.#ground.inFlight.remove(this);
  }

  #wait(delay: number): void {
    const { exchange } = this.#request;
    this.#wakeAt = this.#now() + delay;
    this.#ground.inFlight.add(this);
    this.#forgetClose = exchange.onClose(() => this.#leave());
    if (exchange.closed) this.#leave();
  }

  #begin(): void {
    const { context } = this.#request;
    const candidate = this.#candidate();
    if (candidate === undefined) {
      this.#finish(new NexusError('internal', 'A plan without targets'));
      return;
    }
    if (this.#call?.isBilled === true) this.#charge(this.#call);
    const { target } = candidate;
    const { record } = context;
    record.provider = target.provider.name;
    record.model = target.model;
    record.modelAlias = target.alias;
    record.responseModel = undefined;
    record.usage = undefined;
    record.firstContentMs = undefined;
    this.#call = undefined;
    this.#credentials = undefined;
    // The first begins with the request.
    this.#begunAt = this.#attempts.length === 0 ? this.#startedAt : this.#now();
    this.#spanId = undefined;
    this.#tries++;
    const transport = this.#ground.transports.forCalls(target.provider);
    if (transport instanceof Promise) {
      transport.then(
        (opened) => this.#prepare(candidate, opened),
        (thrown) => this.failed(fromUnknown(thrown)),
      );
    } else this.#prepare(candidate, transport);
  }

  #prepare(candidate: Candidate, transport: Transport): void {
    const { exchange, context, prepare } = this.#request;
    const { target } = candidate;
    try {
      this.#prepared = prepare(target);
      context.record.dropped = this.#prepared.dropped ?? NO_HEADERS;
      this.#credentials = target.provider.credentials(exchange, target.alias, this.#begunAt);
    } catch (thrown) {
      this.failed(fromUnknown(thrown));
      return;
    }
    this.#send(candidate, transport);
  }

  /** The present call was billed, and another one follows it. */
  #charge(call: Call): void {
    const { context } = this.#request;
    const { provider = '', model = '', modelAlias, usage } = context.record;
    const measure = () => call.measure() ?? { usage, source: 'reported' as const };
    this.#charged = [...(this.#charged ?? []), { purpose: 'attempt', provider, model, modelAlias, measure }];
    context.evidence = new ChargedEvidence(undefined, this.#charged);
  }

  #send({ target, health, deadlines }: Candidate, transport: Transport): void {
    const { exchange, context } = this.#request;
    const { runtime, inFlight, budgets } = this.#ground;
    const prepared = this.#prepared;
    const credentials = this.#credentials;
    if (prepared === undefined || credentials === undefined) return;
    if (this.#attempts.length === 0) budgets.of(target.provider.name).earn();
    const { path, body, stream, delivery } = prepared;
    const { headers, secret, forwarded } = credentials;
    const call = new Call({
      exchange,
      record: context.record,
      seal: context.seal,
      runtime,
      delivery,
      inFlight,
      stream,
      secret,
      forwarded,
      transport,
      request: { origin: target.provider.url, path, method: 'POST', headers: this.#traced(headers), body },
      deadlines: this.#bounded(deadlines),
      startedAt: this.#startedAt,
    });
    this.#call = call;
    context.evidence = this.#charged === undefined ? call : new ChargedEvidence(call, this.#charged);
    health?.begin(this.#now());
    call.send(this);
  }

  /** The headers, and which span of which trace the call belongs to, where providers are told. */
  #traced(headers: readonly string[]): readonly string[] {
    const { begunAt, trace } = this.#request.context.record;
    this.#spanId = trace?.depart('attempt', this.#begunAt - begunAt);
    return trace === undefined || this.#spanId === undefined ? headers : tracedHeaders(headers, trace, this.#spanId);
  }

  /** Writes the attempt down, and tells those who choose targets how it went. */
  #learn(failure: FailureClass | undefined, asked?: number): void {
    const candidate = this.#candidate();
    if (candidate === undefined) return;
    const { target, health } = candidate;
    const now = this.#now();
    const took = now - this.#begunAt;
    const key = this.#credentials?.key;
    const sent = this.#call !== undefined;
    const { record } = this.#request.context;
    this.#attempts.push({
      provider: target.provider.name,
      model: target.model,
      key: key?.index,
      sent,
      status: this.#call?.upstreamStatus ?? 0,
      failure,
      forwarded: this.#credentials?.forwarded ?? false,
      startMs: this.#begunAt - record.begunAt,
      spanId: this.#spanId,
      durationMs: took,
    });
    record.attempts = this.#attempts;
    if (key !== undefined) {
      if (failure === undefined) key.accepted();
      else if (failure === 'auth') key.refused();
      else if (failure === 'rate_limit' || failure === 'quota') key.rest(now + restOf({ failure, retryAfter: asked }));
    }
    if (health === undefined || !sent) return;
    const stream = this.#prepared?.stream ?? false;
    const hasOtherKey = key !== undefined && target.provider.hasUsableKey(now);
    const output = stream ? undefined : record.usage?.output;
    const result = { failure, stream, took, retryAfter: asked, output };
    health.learn(result, now, this.#request.plan.policy.decay, hasOtherKey);
  }

  /** The same target again, the next one, or the end. */
  #next(failed: Failed): void {
    this.#failures.push(failed);
    const step = this.#stepAfter(failed);
    if (step === undefined) {
      this.#finish(failed.error);
    } else if ('delay' in step) {
      if (step.delay === 0) this.#begin();
      else this.#wait(step.delay);
    } else {
      this.#moveTo(step.position);
    }
  }

  #moveTo(position: number): void {
    this.#position = position;
    this.#tries = 0;
    const { admit } = this.#request;
    const target = this.#candidate()?.target;
    if (admit === undefined || target === undefined) {
      this.#begin();
      return;
    }
    let admitted: unknown;
    try {
      admitted = admit(target);
    } catch (thrown) {
      this.#turnedAway(fromUnknown(thrown));
      return;
    }
    if (admitted instanceof Promise) {
      admitted.then(
        () => this.#begin(),
        (thrown) => this.#turnedAway(fromUnknown(thrown)),
      );
    } else this.#begin();
  }

  /** The caller may not use the present target, and would not a moment later: the next one. */
  #turnedAway(error: NexusError): void {
    this.#call = undefined;
    this.#credentials = undefined;
    this.#begunAt = this.#now();
    this.#learn('rate_limit');
    this.#failures.push({ failure: 'rate_limit', error, retryAfter: undefined, target: this.#position });
    const next = this.#position + 1;
    if (next < this.#request.plan.candidates.length) this.#moveTo(next);
    else this.#finish(error);
  }

  /** `undefined`: there is no use in asking further. */
  #stepAfter(failed: Failed): { readonly delay: number } | { readonly position: number } | undefined {
    const { failure } = failed;
    const { policy } = this.#request.plan;
    const candidate = this.#candidate();
    if (candidate === undefined || failure === 'cancelled' || failure === 'invalid') return undefined;
    const left = this.#bounded(candidate.deadlines).total - (this.#now() - this.#startedAt);
    if (left <= 0 || this.#attempts.length >= policy.maxAttempts) return undefined;
    const position = this.#positionAfter(failure);
    const hasOther = position !== undefined && (failure === 'incapable' || policy.fallbackOn.has(failure));
    const delay = this.#delayBeforeRetry(failed, candidate, hasOther);
    if (delay !== undefined && delay < left) {
      // Another key of the same provider is not a second burden on it.
      if (delay === 0 || this.#ground.budgets.of(candidate.target.provider.name).spend()) return { delay };
    }
    return hasOther ? { position } : undefined;
  }

  /** Place of the next target; what was too long for one goes to no other that is known to read as little. */
  #positionAfter(failure: FailureClass): number | undefined {
    const { candidates } = this.#request.plan;
    const tooSmall = this.#candidate()?.contextWindow ?? 0;
    for (let position = this.#position + 1; position < candidates.length; position++) {
      const window = candidates[position]?.contextWindow ?? Number.POSITIVE_INFINITY;
      if (failure !== 'context_length' || window > tooSmall) return position;
    }
    return undefined;
  }

  /** Milliseconds; 0 for another key of the provider; `undefined` when the same target is of no use. */
  #delayBeforeRetry(failed: Failed, { target }: Candidate, hasOther: boolean): number | undefined {
    const { failure } = failed;
    const { retry } = this.#request.plan.policy;
    if (this.#credentials?.key !== undefined && OF_THE_KEY.has(failure) && this.#tries < MOST_KEYS) {
      const tried = this.#attempts.filter(({ provider }) => provider === target.provider.name).length;
      if (target.provider.hasUsableKey(this.#now()) && tried < MOST_KEYS) return 0;
    }
    if (!maySendAgain(failure, this.#tries, this.#failures, retry)) return undefined;
    if (failure === 'rate_limit') {
      // Somebody else can answer at once.
      if (hasOther) return undefined;
      if (failed.retryAfter !== undefined) {
        return failed.retryAfter <= retry.maxRetryAfter ? Math.max(failed.retryAfter, 1) : undefined;
      }
    }
    return backoff(this.#tries, retry, this.#ground.runtime.random());
  }

  #bounded(deadlines: Deadlines): Deadlines {
    const { timeout } = this.#request.plan.policy;
    return timeout === undefined || timeout >= deadlines.total ? deadlines : { ...deadlines, total: timeout };
  }

  #finish(last: NexusError): void {
    const { context, plan } = this.#request;
    const error = plan.route === undefined ? last : exhausted(last, this.#failures, plan, this.#routeHeaders());
    const waiting = this.#waitingStream;
    if (waiting === undefined) {
      this.#reject(error);
      return;
    }
    const { record, seal } = context;
    record.error = error.code;
    if (error.code !== 'client_closed') {
      waiting.say(this.#prepared?.delivery.encodeErrorEvent(error, record.id) ?? '');
      waiting.end();
    }
    seal();
  }

  #routeHeaders(): string[] {
    const { route, variant } = this.#request.plan;
    if (route === undefined) return [];
    const headers = ['x-nexus-route', headerText(route), 'x-nexus-attempts', String(this.#attempts.length)];
    if (variant !== undefined) headers.push('x-nexus-variant', headerText(variant));
    return headers;
  }

  #candidate(): Candidate | undefined {
    return this.#request.plan.candidates[this.#position];
  }

  #now(): number {
    return this.#ground.runtime.elapsed();
  }
}

const NOBODY = (): void => {};
const NO_HEADERS: readonly string[] = [];
/** Failures that may be the key's alone. */
const OF_THE_KEY: ReadonlySet<FailureClass> = new Set<FailureClass>(['auth', 'rate_limit', 'quota']);
const MOST_KEYS = 3;

/** Names stand in the configuration and may hold anything; a header may not. */
function headerText(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 200);
}
