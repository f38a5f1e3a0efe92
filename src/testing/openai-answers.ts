// Answers of OpenAI's chat completions API, as recorded (test/fixtures/wire/openai) and as published in its OpenAPI
// description (test/fixtures/schema/openai-response.json).
import { type Answer, type AnswerUsage, pieces, type StreamEvent, vendorId } from './answer.ts';
import type { FakeError } from './fake-rule.ts';

const FINGERPRINT = 'fp_fake000000';

function usageOf(usage: AnswerUsage) {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: {
      cached_tokens: usage.cacheRead,
      ...(usage.cacheWrite > 0 ? { cache_write_tokens: usage.cacheWrite } : {}),
      audio_tokens: 0,
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function frame(answer: Answer, object: string, created: number) {
  return { id: vendorId('chatcmpl-', answer.serial), object, created, model: answer.model };
}

const TRAILER = { service_tier: 'default', system_fingerprint: FINGERPRINT };

/** A plain answer. `created` is in seconds since 1970. */
export function openaiBody(answer: Answer, created: number): Record<string, unknown> {
  const calls = answer.toolCalls.map(({ id, name, arguments: text }) => ({
    id,
    type: 'function',
    function: { name, arguments: text },
  }));
  const message = {
    role: 'assistant',
    content: answer.text === '' && calls.length > 0 ? null : answer.text,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    refusal: null,
    annotations: [],
  };
  return {
    ...frame(answer, 'chat.completion', created),
    choices: Array.from({ length: answer.choices }, (_, index) => ({
      index,
      message,
      logprobs: null,
      finish_reason: answer.finish,
    })),
    ...(answer.reported === undefined ? {} : { usage: usageOf(answer.reported) }),
    ...TRAILER,
  };
}

interface Delta {
  readonly delta: Record<string, unknown>;
  readonly content?: boolean;
  readonly finish?: string;
}

function* deltas(answer: Answer): Generator<Delta> {
  const opening = { role: 'assistant', content: '', refusal: null };
  const [first] = answer.toolCalls;
  const start = (index: number, { id, name }: { id: string; name: string }) => ({
    tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }],
  });
  // A single call and no text: the opening delta already starts the call. Several calls each start in their own.
  const merged = answer.text === '' && answer.toolCalls.length === 1 && first !== undefined;
  if (merged) yield { delta: { ...opening, content: null, ...start(0, first) } };
  else yield { delta: answer.text === '' && first !== undefined ? { ...opening, content: null } : opening };
  for (const content of pieces(answer.text, answer.chunkSize)) yield { delta: { content }, content: true };
  for (const [index, call] of answer.toolCalls.entries()) {
    if (!merged) yield { delta: start(index, call) };
    for (const text of pieces(call.arguments, answer.chunkSize)) {
      yield { delta: { tool_calls: [{ index, function: { arguments: text } }] }, content: true };
    }
  }
  yield { delta: {}, finish: answer.finish };
}

/** The events of a stream, without its `[DONE]`. Where usage was asked for, it is null on all chunks but an extra last one. */
export function openaiEvents(answer: Answer, created: number, includeUsage: boolean): StreamEvent[] {
  const asked = includeUsage && answer.reported !== undefined;
  const head = { ...frame(answer, 'chat.completion.chunk', created), ...TRAILER };
  const events = [...deltas(answer)].flatMap(({ delta, content = false, finish }) =>
    Array.from({ length: answer.choices }, (_, index): StreamEvent => {
      const choices = [{ index, delta, logprobs: null, finish_reason: finish ?? null }];
      return { data: JSON.stringify({ ...head, choices, ...(asked ? { usage: null } : {}) }), content };
    }),
  );
  if (asked && answer.reported !== undefined) {
    events.push({ data: JSON.stringify({ ...head, choices: [], usage: usageOf(answer.reported) }) });
  }
  return events;
}

export const OPENAI_DONE: StreamEvent = { data: '[DONE]' };

function errorType(status: number): string {
  if (status === 429) return 'requests';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

const ERROR_CODES: ReadonlyMap<number, string> = new Map([
  [401, 'invalid_api_key'],
  [429, 'rate_limit_exceeded'],
]);

export interface OpenAIError extends FakeError {
  /** The member of the request that is wrong. */
  param?: string;
  /** A refusal of the request itself has no default code. */
  plain?: boolean;
}

export function openaiErrorBody({ status, message, type, code, param, plain }: OpenAIError): Record<string, unknown> {
  return {
    error: {
      message,
      type: type ?? errorType(status),
      param: param ?? null,
      code: code ?? (plain === true ? null : (ERROR_CODES.get(status) ?? null)),
    },
  };
}

export function openaiErrorEvent(error: FakeError): StreamEvent {
  return { data: JSON.stringify(openaiErrorBody(error)) };
}

export function openaiModels(ids: readonly string[], created: number): Record<string, unknown> {
  return { object: 'list', data: ids.map((id) => ({ id, object: 'model', created, owned_by: 'nexus-demo' })) };
}

export function openaiHeaders(serial: number): [string, string][] {
  return [
    ['x-request-id', vendorId('req_', serial)],
    ['openai-organization', 'nexus-demo'],
    ['openai-processing-ms', '1'],
    ['openai-version', '2020-10-01'],
    ['x-ratelimit-limit-requests', '10000'],
    ['x-ratelimit-limit-tokens', '30000000'],
    ['x-ratelimit-remaining-requests', '9999'],
    ['x-ratelimit-remaining-tokens', '29999000'],
    ['x-ratelimit-reset-requests', '6ms'],
    ['x-ratelimit-reset-tokens', '2ms'],
  ];
}
