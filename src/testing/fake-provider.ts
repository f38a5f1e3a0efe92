// A provider that costs nothing: a real HTTP server that answers like the vendors, and does as its rules say.
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { BEDROCK_PATH } from './bedrock-question.ts';
import { isSigned } from './bedrock-refusals.ts';
import { type Bill, type Ledger, openLedger, resetLedger } from './bill.ts';
import { defaultReply } from './default-reply.ts';
import { deliver, type Outcome } from './delivery.ts';
import { DIALECTS, type Dialect } from './dialect.ts';
import { embedderAt, readEmbeddings } from './embedders.ts';
import { type Embedder, embeddingTokens } from './embeddings.ts';
import type { FakeError, FakeProtocol, FakeReply, FakeRule } from './fake-rule.ts';
import { isObject } from './json-value.ts';
import { openLoopback } from './loopback.ts';
import { createModelsListing, type FakeModels } from './models-listing.ts';
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
  /** What `GET /v1/models` answers from now on: other ids, or a reply in the list's place. */
  listModels(models: FakeModels): void;
  /** Back to the rules and the models of the beginning, unused; forgets `requests` and the bill. */
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
const ENDPOINTS: ReadonlyMap<FakeProtocol, RegExp> = new Map([
  ['openai', /^\/v1\/chat\/completions$/],
  ['responses', /^\/v1\/responses$/],
  ['anthropic', /^\/v1\/messages$/],
  ['google', /^\/v1(beta)?\/models\/.+:(generateContent|streamGenerateContent)$/],
  ['bedrock', BEDROCK_PATH],
]);
const MODELS = /^\/v1(beta)?\/models$/;
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
  const embedder = embedderAt(path);
  if (embedder !== undefined) return DIALECTS[embedder.protocol];
  for (const [protocol, endpoint] of ENDPOINTS) if (endpoint.test(path)) return DIALECTS[protocol];
  if (headers['x-goog-api-key'] !== undefined) return DIALECTS.google;
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
  if (protocol === 'bedrock') {
    if (isSigned(headers.authorization)) return undefined;
    return { status: 403, type: 'MissingAuthenticationTokenException', message: 'Missing Authentication Token' };
  }
  if (protocol === 'google') {
    if ((headers['x-goog-api-key'] ?? '') !== '') return undefined;
    return { status: 403, message: "Method doesn't allow unregistered callers. Please use an API key." };
  }
  const message = "You didn't provide an API key. Send it as `Authorization: Bearer YOUR_KEY`.";
  return { status: 401, message, plain: true };
}

function refusePath({ protocol }: Dialect, method: string, path: string): FakeError | undefined {
  const posted = ENDPOINTS.get(protocol)?.test(path) === true || embedderAt(path) !== undefined;
  const known = posted ? 'POST' : MODELS.test(path) ? 'GET' : undefined;
  const openai = protocol === 'openai' || protocol === 'responses';
  if (known === undefined) {
    return { status: 404, message: openai ? `Invalid URL (${method} ${path})` : 'Not Found' };
  }
  if (known === method) return undefined;
  return { status: 405, message: openai ? `Not allowed to ${method} on ${path}.` : 'Method Not Allowed' };
}

/**
 * Starts a fake provider on an ephemeral port of 127.0.0.1. It serves `POST /v1/chat/completions` and
 * `POST /v1/responses` (OpenAI), `POST /v1/messages` (Anthropic), `POST /v1beta/models/{model}:generateContent` and
 * `:streamGenerateContent` (Google, as events), `POST /model/{model}/converse`, `/converse-stream` and `/invoke` (Bedrock),
 * `POST /v1/embeddings` and `/v1beta/models/{model}:batchEmbedContents`, and `GET /v1/models` (the vendor is told from the
 * key's header). It wants a key (any; of Bedrock a signature, whose form alone is looked at), and refuses what the vendors
 * refuse. Without a rule every request gets a default answer made from the request.
 */
export async function createFakeProvider(options: FakeProviderOptions = {}): Promise<FakeProvider> {
  const rulebook = createRulebook(options.rules ?? []);
  const listing = createModelsListing(options.models ?? DEFAULT_MODELS);
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
    if (MODELS.test(path)) {
      const [, query = ''] = entry.path.split('?');
      return composeDelivery(dialect, nothing, listing.reply(dialect, query), serial);
    }
    const embedder = embedderAt(path);
    if (embedder !== undefined) return decideEmbeddings(dialect, embedder, entry, path);
    const error = dialect.refuse(entry.body, entry.headers['anthropic-beta'] !== undefined);
    if (error !== undefined || !isObject(entry.body)) {
      return composeDelivery(dialect, nothing, { error: error ?? { status: 400, message: 'not an object' } }, serial);
    }
    const question = dialect.read(entry.body, path);
    const reply = rulebook.take(question) ?? {};
    if (reply.text !== undefined || reply.toolCalls !== undefined) {
      return composeDelivery(dialect, question, reply, serial);
    }
    const { text, toolCalls, finish: ending } = defaultReply(question);
    return composeDelivery(dialect, question, { ...reply, text, toolCalls, finish: reply.finish ?? ending }, serial);
  }

  function decideEmbeddings(dialect: Dialect, embedder: Embedder, entry: OpenRequest, path: string) {
    const nothing: Question = { ...NO_QUESTION, protocol: dialect.protocol };
    const asked = readEmbeddings(embedder, entry.body, path);
    if ('status' in asked) return composeDelivery(dialect, nothing, { error: asked }, serial);
    const { model, texts } = asked;
    const characters = texts.reduce((sum, text) => sum + text.length, 0);
    const question: Question = { ...nothing, model, prompt: texts[0] ?? '', characters };
    const reply = rulebook.take(question) ?? {};
    const tokens = reply.usage?.input ?? embeddingTokens(asked);
    const usage = { input: tokens, output: 0 };
    const told = reply.fault === 'usage-missing' ? undefined : tokens;
    const body = reply.body ?? JSON.stringify(embedder.answer(asked, told));
    const headers = told === undefined ? {} : embedder.headers?.(told);
    return composeDelivery(
      dialect,
      question,
      { ...reply, usage, body, headers: { ...headers, ...reply.headers } },
      serial,
    );
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
    listModels: (models) => listing.set(models),
    reset() {
      rulebook.reset();
      listing.reset();
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
