// Answers of Google's generateContent, as recorded (test/fixtures/wire/google) and as published in its discovery
// document (test/fixtures/schema/gemini-response.json).
import { type Answer, type AnswerUsage, pieces, type StreamEvent, vendorId } from './answer.ts';
import type { FakeError } from './fake-rule.ts';
import { isObject, type JsonObject } from './json-value.ts';

const FINISH_REASONS = { stop: 'STOP', length: 'MAX_TOKENS', tool_calls: 'STOP', content_filter: 'SAFETY' } as const;

/** Of all dialects only this one counts thoughts beside the answer, and leaves out what is zero. */
function usageOf({ input, output, cacheRead, reasoning }: AnswerUsage) {
  const written = output - reasoning;
  return {
    promptTokenCount: input,
    ...(written === 0 ? {} : { candidatesTokenCount: written }),
    totalTokenCount: input + output,
    ...(cacheRead === 0 ? {} : { cachedContentTokenCount: cacheRead }),
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
    ...(reasoning === 0 ? {} : { thoughtsTokenCount: reasoning }),
  };
}

/** This dialect has no place for arguments that are not a JSON object; they are kept as text under `raw`. */
function argsOf(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Broken on purpose by the rule.
  }
  return { raw: text };
}

function callPart({ id, name, arguments: text }: Answer['toolCalls'][number]): JsonObject {
  return { functionCall: { id, name, args: argsOf(text) } };
}

function chunk(answer: Answer, parts: readonly JsonObject[], last: boolean): JsonObject {
  const { reported } = answer;
  const candidate = {
    content: { parts: parts.length === 0 ? [{ text: '' }] : parts, role: 'model' },
    ...(last ? { finishReason: FINISH_REASONS[answer.finish] } : {}),
    index: 0,
  };
  return {
    candidates: [candidate],
    ...(reported === undefined ? {} : { usageMetadata: usageOf(reported) }),
    modelVersion: answer.model,
    responseId: vendorId('', answer.serial),
  };
}

export function googleBody(answer: Answer): JsonObject {
  const text = answer.text === '' ? [] : [{ text: answer.text }];
  return chunk(answer, [...text, ...answer.toolCalls.map(callPart)], true);
}

const event = (body: JsonObject, content: boolean): StreamEvent => ({ data: JSON.stringify(body), content });

/** The events of a stream, without the one that has the reason why it ends. A call comes whole, in one part. */
export function googleEvents(answer: Answer): StreamEvent[] {
  const texts = pieces(answer.text, answer.chunkSize).map((text) => ({ text }));
  return [...texts, ...answer.toolCalls.map(callPart)].map((part) => event(chunk(answer, [part], false), true));
}

export function googleEnd(answer: Answer): StreamEvent {
  return event(chunk(answer, [], true), false);
}

const ERROR_STATUSES: ReadonlyMap<number, string> = new Map([
  [400, 'INVALID_ARGUMENT'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [429, 'RESOURCE_EXHAUSTED'],
  [499, 'CANCELLED'],
  [501, 'UNIMPLEMENTED'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
]);

export function googleErrorBody({ status, message, type }: FakeError): JsonObject {
  const name = type ?? ERROR_STATUSES.get(status) ?? (status < 500 ? 'FAILED_PRECONDITION' : 'INTERNAL');
  return { error: { code: status, message, status: name } };
}

export function googleErrorEvent(error: FakeError): StreamEvent {
  return event(googleErrorBody(error), false);
}

export function googleModels(ids: readonly string[]): JsonObject {
  const supportedGenerationMethods = ['generateContent', 'countTokens'];
  return { models: ids.map((id) => ({ name: `models/${id}`, displayName: id, supportedGenerationMethods })) };
}
