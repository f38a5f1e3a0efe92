// Answers of OpenAI's responses API, as recorded (openai.responses in the collection of recordings) and as published in
// its OpenAPI description (test/fixtures/schema/openai-response.json). Errors are those of chat completions.
import { type Answer, type AnswerUsage, pieces, type StreamEvent, vendorId } from './answer.ts';
import type { FakeError } from './fake-rule.ts';
import type { JsonObject } from './json-value.ts';
import { type OpenAIError, openaiErrorBody } from './openai-answers.ts';

function usageOf(usage: AnswerUsage) {
  return {
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: usage.cacheRead },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: usage.input + usage.output,
  };
}

function textPart(text: string) {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

/** What the model made: a message where it said anything or nothing at all, and a call for each of its tool calls. */
function outputOf(answer: Answer): JsonObject[] {
  const silent = answer.text === '' && answer.toolCalls.length > 0;
  const status = answer.finish === 'length' || answer.finish === 'content_filter' ? 'incomplete' : 'completed';
  const message = {
    id: vendorId('msg_', answer.serial),
    type: 'message',
    status,
    role: 'assistant',
    content: [textPart(answer.text)],
  };
  const calls = answer.toolCalls.map(({ id, name, namespace, arguments: text }, index) => ({
    id: vendorId('fc_', answer.serial, index),
    type: 'function_call',
    status: 'completed',
    call_id: id,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    arguments: text,
  }));
  return silent ? calls : [message, ...calls];
}

const INCOMPLETE = { length: 'max_output_tokens', content_filter: 'content_filter' } as const;

function responseOf(answer: Answer, created: number, ended: boolean): JsonObject {
  const { finish, reported } = answer;
  const reason = finish === 'length' || finish === 'content_filter' ? INCOMPLETE[finish] : undefined;
  return {
    id: vendorId('resp_', answer.serial),
    object: 'response',
    created_at: created,
    status: !ended ? 'in_progress' : reason === undefined ? 'completed' : 'incomplete',
    background: false,
    error: null,
    incomplete_details: ended && reason !== undefined ? { reason } : null,
    instructions: null,
    max_output_tokens: null,
    model: answer.model,
    output: ended ? outputOf(answer) : [],
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: false,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage: ended && reported !== undefined ? usageOf(reported) : null,
    metadata: {},
  };
}

/** A plain answer. `created` is in seconds since 1970. */
export function responsesBody(answer: Answer, created: number): JsonObject {
  return responseOf(answer, created, true);
}

interface Unnumbered {
  readonly type: string;
  readonly rest: JsonObject;
  readonly content?: boolean;
}

function* messageEvents(item: JsonObject, answer: Answer, output_index: number): Generator<Unnumbered> {
  const at = { item_id: item['id'], output_index, content_index: 0 };
  const started = { ...item, status: 'in_progress', content: [] };
  yield { type: 'response.output_item.added', rest: { output_index, item: started } };
  yield { type: 'response.content_part.added', rest: { ...at, part: textPart('') } };
  for (const delta of pieces(answer.text, answer.chunkSize)) {
    yield { type: 'response.output_text.delta', rest: { ...at, delta, logprobs: [] }, content: true };
  }
  yield { type: 'response.output_text.done', rest: { ...at, text: answer.text, logprobs: [] } };
  yield { type: 'response.content_part.done', rest: { ...at, part: textPart(answer.text) } };
  yield { type: 'response.output_item.done', rest: { output_index, item } };
}

function* callEvents(item: JsonObject, chunkSize: number, output_index: number): Generator<Unnumbered> {
  const at = { item_id: item['id'], output_index };
  const text = String(item['arguments']);
  const started = { ...item, status: 'in_progress', arguments: '' };
  yield { type: 'response.output_item.added', rest: { output_index, item: started } };
  for (const delta of pieces(text, chunkSize)) {
    yield { type: 'response.function_call_arguments.delta', rest: { ...at, delta }, content: true };
  }
  const done = { ...at, name: item['name'], arguments: text };
  yield { type: 'response.function_call_arguments.done', rest: done };
  yield { type: 'response.output_item.done', rest: { output_index, item } };
}

function* unnumbered(answer: Answer, created: number): Generator<Unnumbered> {
  const response = responseOf(answer, created, false);
  yield { type: 'response.created', rest: { response } };
  yield { type: 'response.in_progress', rest: { response } };
  for (const [index, item] of outputOf(answer).entries()) {
    if (item['type'] === 'message') yield* messageEvents(item, answer, index);
    else yield* callEvents(item, answer.chunkSize, index);
  }
}

function event({ type, rest, content = false }: Unnumbered, sequence_number: number): StreamEvent {
  return { name: type, data: JSON.stringify({ type, sequence_number, ...rest }), content };
}

/** The events of a stream, without the one that ends it. */
export function responsesEvents(answer: Answer, created: number): StreamEvent[] {
  return [...unnumbered(answer, created)].map(event);
}

/** The event that repeats the whole answer and ends the stream. */
export function responsesEnd(answer: Answer, created: number): StreamEvent {
  const response = responseOf(answer, created, true);
  return event({ type: `response.${response['status']}`, rest: { response } }, responsesEvents(answer, created).length);
}

/** How many events came before is not known where a rule makes an error: its number is 0. */
export function responsesErrorEvent(error: FakeError): StreamEvent {
  const { code, message, param }: JsonObject = errorOf(error);
  return event({ type: 'error', rest: { code, message, param } }, 0);
}

function errorOf(error: OpenAIError): JsonObject {
  return openaiErrorBody(error)['error'] as JsonObject;
}
