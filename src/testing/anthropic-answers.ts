// Answers of Anthropic's messages API, as recorded (test/fixtures/wire/anthropic) and as typed in its official SDK
// (test/fixtures/schema/anthropic-response.json).
import { type Answer, type AnswerUsage, pieces, type StreamEvent, vendorId } from './answer.ts';
import type { FakeError } from './fake-rule.ts';
import { isObject, type JsonObject } from './json-value.ts';

const STOP_REASONS = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'refusal',
} as const;

function inputUsage({ input, cacheRead, cacheWrite }: AnswerUsage) {
  const fresh = input < 0 ? input : Math.max(0, input - cacheRead - cacheWrite);
  return { input_tokens: fresh, cache_creation_input_tokens: cacheWrite, cache_read_input_tokens: cacheRead };
}

function outputUsage({ output, reasoning }: AnswerUsage) {
  return {
    output_tokens: output,
    ...(reasoning === 0 ? {} : { output_tokens_details: { thinking_tokens: reasoning } }),
  };
}

function openingUsage(usage: AnswerUsage) {
  return {
    ...inputUsage(usage),
    cache_creation: { ephemeral_5m_input_tokens: usage.cacheWrite, ephemeral_1h_input_tokens: 0 },
  };
}

function envelope(answer: Answer) {
  return { id: vendorId('msg_', answer.serial), type: 'message', role: 'assistant', model: answer.model };
}

/** This dialect has no place for arguments that are not a JSON object; they are kept as text under `raw`. */
function inputOf(argumentsText: string): JsonObject {
  try {
    const value: unknown = JSON.parse(argumentsText);
    if (isObject(value)) return value;
  } catch {
    // Broken on purpose by the rule.
  }
  return { raw: argumentsText };
}

export function anthropicBody(answer: Answer): Record<string, unknown> {
  const { reported } = answer;
  return {
    ...envelope(answer),
    content: [
      ...(answer.text === '' ? [] : [{ type: 'text', text: answer.text }]),
      ...answer.toolCalls.map(({ id, name, arguments: text }) => ({
        type: 'tool_use',
        id,
        name,
        input: inputOf(text),
      })),
    ],
    stop_reason: STOP_REASONS[answer.finish],
    stop_sequence: null,
    ...(reported === undefined
      ? {}
      : { usage: { ...openingUsage(reported), ...outputUsage(reported), service_tier: 'standard' } }),
  };
}

function event(name: string, rest: Record<string, unknown>, content = false): StreamEvent {
  return { name, data: JSON.stringify({ type: name, ...rest }), content };
}

function* blocks(answer: Answer): Generator<StreamEvent> {
  const textBlocks = answer.text === '' ? 0 : 1;
  if (textBlocks === 1) {
    yield event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
    yield event('ping', {});
    for (const text of pieces(answer.text, answer.chunkSize)) {
      yield event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }, true);
    }
    yield event('content_block_stop', { index: 0 });
  }
  for (const [at, call] of answer.toolCalls.entries()) {
    const index = textBlocks + at;
    const block = { type: 'tool_use', id: call.id, name: call.name, input: {} };
    const delta = (partial_json: string, content: boolean) =>
      event('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json } }, content);
    yield event('content_block_start', { index, content_block: block });
    if (index === 0) yield event('ping', {});
    // The first piece is always empty; a call without arguments has no other.
    yield delta('', false);
    if (call.arguments !== '{}') {
      for (const text of pieces(call.arguments, answer.chunkSize)) yield delta(text, true);
    }
    yield event('content_block_stop', { index });
  }
}

/** The events of a stream, without its `message_stop`. Usage: input first, the whole count in `message_delta`. */
export function anthropicEvents(answer: Answer): StreamEvent[] {
  const { reported } = answer;
  const opening = reported && { ...openingUsage(reported), output_tokens: 1, service_tier: 'standard' };
  const closing = reported && { ...inputUsage(reported), ...outputUsage(reported) };
  const message = { ...envelope(answer), content: [], stop_reason: null, stop_sequence: null };
  return [
    event('message_start', { message: { ...message, ...(opening && { usage: opening }) } }),
    ...blocks(answer),
    event('message_delta', {
      delta: { stop_reason: STOP_REASONS[answer.finish], stop_sequence: null },
      ...(closing && { usage: closing }),
    }),
  ];
}

export const ANTHROPIC_STOP: StreamEvent = event('message_stop', {});

const ERROR_TYPES: ReadonlyMap<number, string> = new Map([
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [504, 'timeout_error'],
  [529, 'overloaded_error'],
]);

export interface AnthropicError extends FakeError {
  /** What a client may act on. */
  details?: JsonObject;
}

function errorOf({ status, message, type, details }: AnthropicError) {
  const kind = type ?? ERROR_TYPES.get(status) ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  return { type: kind, message, ...(details && { details }) };
}

export function anthropicErrorBody(error: FakeError, serial: number): Record<string, unknown> {
  return { type: 'error', error: errorOf(error), request_id: vendorId('req_', serial) };
}

export function anthropicErrorEvent(error: FakeError): StreamEvent {
  return event('error', { error: errorOf(error) });
}

export function anthropicModels(ids: readonly string[]): Record<string, unknown> {
  return {
    data: ids.map((id) => ({ type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z' })),
    has_more: false,
    first_id: ids[0] ?? null,
    last_id: ids.at(-1) ?? null,
  };
}

/** `reset` is the moment the limits are whole again, as RFC 3339 in UTC. */
export function anthropicHeaders(serial: number, reset: string): [string, string][] {
  const limits = [
    ['requests', '4000', '3999'],
    ['tokens', '480000', '479000'],
    ['input-tokens', '400000', '399000'],
    ['output-tokens', '80000', '80000'],
  ] as const;
  return [
    ['request-id', vendorId('req_', serial)],
    ['anthropic-organization-id', 'nexus-demo'],
    ...limits.flatMap(([kind, limit, remaining]): [string, string][] => [
      [`anthropic-ratelimit-${kind}-limit`, limit],
      [`anthropic-ratelimit-${kind}-remaining`, remaining],
      [`anthropic-ratelimit-${kind}-reset`, reset],
    ]),
  ];
}
