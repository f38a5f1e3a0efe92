// Answers of Amazon Bedrock's Converse, as recorded (the wire corpus) and as its service model has them.
import { type Answer, type AnswerUsage, pieces, type StreamEvent, vendorId } from './answer.ts';
import type { FakeError } from './fake-rule.ts';
import { isObject, type JsonObject } from './json-value.ts';

const STOP_REASONS = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'content_filtered',
} as const;

/** What was read from the cache or written to it is not part of the input, and stands there under two names. */
function usageOf({ input, output, cacheRead, cacheWrite }: AnswerUsage): JsonObject {
  return {
    inputTokens: input - cacheRead - cacheWrite,
    outputTokens: output,
    totalTokens: input + output,
    ...(cacheRead === 0 ? {} : { cacheReadInputTokens: cacheRead, cacheReadInputTokenCount: cacheRead }),
    ...(cacheWrite === 0 ? {} : { cacheWriteInputTokens: cacheWrite, cacheWriteInputTokenCount: cacheWrite }),
  };
}

/** This dialect has no place for arguments that are not JSON; they are kept as text under `raw`. */
function inputOf(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Broken on purpose by the rule.
  }
  return { raw: text };
}

const usageMember = ({ reported }: Answer): JsonObject => (reported === undefined ? {} : { usage: usageOf(reported) });

export function bedrockBody(answer: Answer): JsonObject {
  const text = answer.text === '' ? [] : [{ text: answer.text }];
  const calls = answer.toolCalls.map(({ id, name, arguments: json }) => ({
    toolUse: { toolUseId: id, name, input: inputOf(json) },
  }));
  return {
    output: { message: { role: 'assistant', content: [...text, ...calls] } },
    stopReason: STOP_REASONS[answer.finish],
    ...usageMember(answer),
    metrics: { latencyMs: 1 },
  };
}

const event = (name: string, body: JsonObject, content = false): StreamEvent => ({
  name,
  data: JSON.stringify(body),
  content,
});

/** The events of a stream, without the last, which has the usage. Only calls have a start of their own. */
export function bedrockEvents(answer: Answer): StreamEvent[] {
  const events = [event('messageStart', { role: 'assistant' })];
  let contentBlockIndex = 0;
  const block = (start: JsonObject | undefined, deltas: readonly JsonObject[]) => {
    if (start !== undefined) events.push(event('contentBlockStart', { contentBlockIndex, start }));
    for (const delta of deltas) events.push(event('contentBlockDelta', { contentBlockIndex, delta }, true));
    events.push(event('contentBlockStop', { contentBlockIndex }));
    contentBlockIndex += 1;
  };
  const texts = pieces(answer.text, answer.chunkSize);
  if (texts.length > 0) {
    block(
      undefined,
      texts.map((text) => ({ text })),
    );
  }
  for (const { id, name, arguments: json } of answer.toolCalls) {
    const inputs = json === '{}' ? [] : pieces(json, answer.chunkSize);
    block(
      { toolUse: { toolUseId: id, name } },
      inputs.map((input) => ({ toolUse: { input } })),
    );
  }
  events.push(event('messageStop', { stopReason: STOP_REASONS[answer.finish] }));
  return events;
}

export function bedrockEnd(answer: Answer): StreamEvent {
  return event('metadata', { ...usageMember(answer), metrics: { latencyMs: 1 } });
}

const EXCEPTIONS: ReadonlyMap<number, string> = new Map([
  [400, 'ValidationException'],
  [403, 'AccessDeniedException'],
  [404, 'ResourceNotFoundException'],
  [408, 'ModelTimeoutException'],
  [424, 'ModelErrorException'],
  [429, 'ThrottlingException'],
  [500, 'InternalServerException'],
  [503, 'ServiceUnavailableException'],
]);

const exceptionOf = ({ status, type }: FakeError): string =>
  type ?? EXCEPTIONS.get(status) ?? 'InternalServerException';

export function bedrockErrorBody({ message }: FakeError): JsonObject {
  return { message };
}

/** What kind of error it is stands in no other place. */
export function bedrockErrorHeaders(error: FakeError): [string, string][] {
  return [['x-amzn-errortype', `${exceptionOf(error)}:http://internal.amazon.com/coral/com.amazon.bedrock/`]];
}

export function bedrockErrorEvent(error: FakeError): StreamEvent {
  const name = exceptionOf(error);
  return event(name.charAt(0).toLowerCase() + name.slice(1), { message: error.message });
}

export function bedrockHeaders(serial: number): [string, string][] {
  return [['x-amzn-requestid', vendorId('', serial)]];
}
