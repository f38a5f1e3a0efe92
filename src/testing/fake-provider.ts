// A provider that costs nothing: a real HTTP server that answers like OpenAI and like Anthropic, and does as its rules say.
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { type Bill, type Ledger, openLedger, resetLedger } from './bill.ts';
import { defaultReply } from './default-reply.ts';
import { deliver, type Outcome } from './delivery.ts';
import { DIALECTS, type Dialect } from './dialect.ts';
import type { FakeError, FakeReply, FakeRule } from './fake-rule.ts';
import { isObject } from './json-value.ts';
import { openLoopback } from './loopback.ts';
import type { OpenAIError } from './openai-answers.ts';
import type { Question } from './question.ts';
import { finish, type OpenRequest, type ReceivedRequest, receive } from './received-request.ts';
import { type BilledDelivery, composeDelivery } from './reply-delivery.ts';
import { createRulebook } from './rulebook.ts';
import { createWaiters } from './waiters.ts';

export interface FakeProviderOptions {
  /** Rules that hold from the start and again after `reset()`. Default: none, every request gets the default answer. */
  rules?: readonly FakeRule[] | undefined;
  /** Ids that `GET /v1/models` lists. Any model may be asked for. Default: `nexus-demo` and `nexus-demo-mini`. */
  models?: readonly string[] | undefined;
}

export interface FakeProvider {
  /** Origin, without `/v1`. */
  readonly url: string;
  /** Everything that arrived whole, in order. */
  readonly requests: readonly ReceivedRequest[];
  /** The counts of this moment. */
  readonly bill: Bill;
  /** Adds a rule. A bare reply answers one request, whatever it asks; several are used in the order they were added. */
  reply(reply: FakeRule | FakeReply): void;
  /** Adds rules behind those there are. */
  script(rules: readonly FakeRule[]): void;
  /** Back to the rules of the beginning, unused; forgets `requests` and the bill. */
  reset(): void;
  /**
   * Resolves once the predicate holds. It is asked at every change of `requests` and `bill`, and once more at the end.
   * Rejects with a NexusError after `timeoutMs` (default 2000).
   */
  waitFor(predicate: (provider: FakeProvider) => boolean, timeoutMs?: number): Promise<void>;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const DEFAULT_MODELS = ['nexus-demo', 'nexus-demo-mini'];
const ENDPOINTS: Readonly<Record<'openai' | 'anthropic', string>> = {
  openai: '/v1/chat/completions',
  anthropic: '/v1/messages',
};
const NO_QUESTION: Omit<Question, 'protocol'> = {
  model: '',
  stream: false,
  includeUsage: false,
  prompt: '',
  tools: [],
  toolChoice: 'auto',
  toolResult: undefined,
  maxTokens: undefined,
  choices: 1,
  characters: 0,
};

/** The dialect of a request: that of its path, else that of its headers. */
function dialectOf(path: string, headers: IncomingHttpHeaders): Dialect {
  if (path === ENDPOINTS.anthropic) return DIALECTS.anthropic;
  if (path === ENDPOINTS.openai) return DIALECTS.openai;
  const anthropic = headers['x-api-key'] !== undefined || headers['anthropic-version'] !== undefined;
  return anthropic ? DIALECTS.anthropic : DIALECTS.openai;
}

/** Any key will do. Anthropic takes it in `x-api-key`, and as a bearer, which is how its TypeScript SDK sends it. */
function refuseKey({ protocol }: Dialect, headers: IncomingHttpHeaders): OpenAIError | undefined {
  const isBearer = /^Bearer\s+\S/i.test(headers.authorization ?? '');
  if (protocol === 'anthropic') {
    if (headers['x-api-key'] === '') return { status: 401, message: 'invalid x-api-key' };
    if (!isBearer && headers['x-api-key'] === undefined)
      return { status: 401, message: 'x-api-key header is required' };
    if (headers['anthropic-version'] !== undefined) return undefined;
    return { status: 400, message: 'anthropic-version: header is required' };
  }
  if (isBearer) return undefined;
  const message = "You didn't provide an API key. Send it as `Authorization: Bearer YOUR_KEY`.";
  return { status: 401, message, plain: true };
}

function refusePath({ protocol }: Dialect, method: string, path: string): FakeError | undefined {
  const known = path === ENDPOINTS[protocol] ? 'POST' : path === '/v1/models' ? 'GET' : undefined;
  const anthropic = protocol === 'anthropic';
  if (known === undefined) {
    return { status: 404, message: anthropic ? 'Not Found' : `Invalid URL (${method} ${path})` };
  }
  if (known === method) return undefined;
  return { status: 405, message: anthropic ? 'Method Not Allowed' : `Not allowed to ${method} on ${path}.` };
}

/**
 * Starts a fake provider on an ephemeral port of 127.0.0.1. It serves `POST /v1/chat/completions` (OpenAI),
 * `POST /v1/messages` (Anthropic) and `GET /v1/models` (both, told apart by Anthropic's headers), wants a key (any),
 * and refuses what the vendors refuse. Without a rule every request gets a default answer made from the request.
 */
export async function createFakeProvider(options: FakeProviderOptions = {}): Promise<FakeProvider> {
  const rulebook = createRulebook(options.rules ?? []);
  const waiters = createWaiters();
  const ledger: Ledger = openLedger();
  const requests: OpenRequest[] = [];
  let serial = 0;
  let closing = false;

  /** What is sent, for a request that is understood, and for one that is not. */
  function decide(dialect: Dialect, entry: OpenRequest, path: string) {
    serial += 1;
    const nothing: Question = { ...NO_QUESTION, protocol: dialect.protocol };
    const refusal = refusePath(dialect, entry.method, path) ?? refuseKey(dialect, entry.headers);
    if (refusal !== undefined) return composeDelivery(dialect, nothing, { error: refusal }, serial);
    if (path === '/v1/models') {
      const body = JSON.stringify(dialect.models(options.models ?? DEFAULT_MODELS));
      return composeDelivery(dialect, nothing, { body }, serial);
    }
    const error = dialect.refuse(entry.body, entry.headers['anthropic-beta'] !== undefined);
    if (error !== undefined || !isObject(entry.body)) {
      return composeDelivery(dialect, nothing, { error: error ?? { status: 400, message: 'not an object' } }, serial);
    }
    const question = dialect.read(entry.body);
    const reply = rulebook.take(question) ?? {};
    if (reply.text !== undefined || reply.toolCalls !== undefined) {
      return composeDelivery(dialect, question, reply, serial);
    }
    const { text, toolCalls, finish: ending } = defaultReply(question);
    return composeDelivery(dialect, question, { ...reply, text, toolCalls, finish: reply.finish ?? ending }, serial);
  }

  async function send(response: ServerResponse, { delivery, inputTokens, stream }: BilledDelivery): Promise<Outcome> {
    let began = false;
    const outcome = await deliver(response, delivery, {
      onHead() {
        began = stream;
        if (began) {
          ledger.streams += 1;
          ledger.openStreams += 1;
        }
        ledger.inputTokens += inputTokens;
        waiters.changed();
      },
      onPiece({ tokens }) {
        if (tokens > 0) {
          ledger.outputTokens += tokens;
          waiters.changed();
        }
      },
    });
    if (began) ledger.openStreams -= 1;
    return outcome === 'aborted' && closing ? 'broken' : outcome;
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const entry = await receive(request);
    if (entry === undefined) return;
    requests.push(entry);
    ledger.requests += 1;
    waiters.changed();
    const path = entry.path.split('?', 1)[0] ?? '';
    const dialect = dialectOf(path, entry.headers);
    let outcome: Outcome;
    try {
      outcome = await send(response, decide(dialect, entry, path));
    } catch (thrown) {
      // A rule that HTTP does not allow, such as a line feed in a header.
      const message = `The fake provider cannot send this reply: ${thrown instanceof Error ? thrown.message : 'unknown'}`;
      const { delivery } = composeDelivery(
        dialect,
        { ...NO_QUESTION, protocol: dialect.protocol },
        { error: { status: 500, message } },
        serial,
      );
      await deliver(response, delivery, { onHead: () => undefined, onPiece: () => undefined });
      outcome = 'broken';
    }
    finish(entry, outcome);
    if (outcome === 'aborted') ledger.aborted += 1;
    waiters.changed();
  }

  const loopback = await openLoopback({
    onRequest: (request, response) => void serve(request, response),
    onConnection(socket) {
      ledger.connections += 1;
      ledger.openConnections += 1;
      socket.once('close', () => {
        ledger.openConnections -= 1;
        waiters.changed();
      });
      waiters.changed();
    },
  });

  const provider: FakeProvider = {
    url: loopback.url,
    get requests() {
      return requests;
    },
    get bill() {
      return { ...ledger };
    },
    reply(reply) {
      rulebook.add(['reply' in reply ? reply : { reply, times: 1 }]);
    },
    script: (rules) => rulebook.add(rules),
    reset() {
      rulebook.reset();
      requests.length = 0;
      resetLedger(ledger);
      waiters.changed();
    },
    waitFor: (predicate, timeoutMs = 2000) => waiters.wait(() => predicate(provider), timeoutMs),
    close() {
      closing = true;
      return loopback.close();
    },
    [Symbol.asyncDispose]: () => provider.close(),
  };
  return provider;
}
