import { createParser } from 'eventsource-parser';

/*
 * What the four dialects have in common for tests that ask the same of each: how to ask, where the words are in an
 * answer and in a stream, how a stream ends and how it fails. Plain readings, independent of the code under test.
 */

/** JSON that is read without asking at every step whether it is there. */
// biome-ignore lint/suspicious/noExplicitAny: answers of four dialects have no common type
export type Loose = any;

export type DialectName = 'chat' | 'responses' | 'messages' | 'generate';

interface Dialect {
  ask(model: string, stream: boolean): { path: string; body: Record<string, unknown> };
  /** The words of a whole answer. */
  answer(body: Loose): string;
  /** The words one event of a stream adds. */
  words(event: Loose): string;
  /** Whether an event says that the answer came to its end. */
  ends(event: Loose): boolean;
  /** What the error envelope, or an event that fails a stream, says; nothing for everything else. */
  failure(event: Loose): unknown;
}

export const DIALECTS: Record<DialectName, Dialect> = {
  chat: {
    ask: (model, stream) => ({
      path: '/llm/v1/chat/completions',
      body: { model, stream, messages: [{ role: 'user', content: 'Hi' }] },
    }),
    answer: (body) => body.choices[0].message.content,
    words: (event) => event.choices?.[0]?.delta?.content ?? '',
    ends: (event) => typeof event.choices?.[0]?.finish_reason === 'string',
    failure: (event) => event.error?.message,
  },
  responses: {
    ask: (model, stream) => ({ path: '/llm/v1/responses', body: { model, stream, input: 'Hi' } }),
    answer: (body) =>
      body.output
        .flatMap((item: Loose) => item.content ?? [])
        .map((part: Loose) => part.text)
        .join(''),
    words: (event) => (event.type === 'response.output_text.delta' ? event.delta : ''),
    ends: (event) => event.type === 'response.completed',
    failure: (event) => (event.type === 'error' ? (event.message ?? event.error?.message) : event.error?.message),
  },
  messages: {
    ask: (model, stream) => ({
      path: '/llm/v1/messages',
      body: { model, stream, max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] },
    }),
    answer: (body) => body.content.map((block: Loose) => block.text).join(''),
    words: (event) => event.delta?.text ?? '',
    ends: (event) => typeof event.delta?.stop_reason === 'string',
    failure: (event) => (event.type === 'error' ? event.error.message : undefined),
  },
  generate: {
    ask: (model, stream) => ({
      path: `/llm/google/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
      body: { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
    }),
    answer: (body) => body.candidates[0].content.parts.map((part: Loose) => part.text).join(''),
    words: (event) => event.candidates?.[0]?.content?.parts?.map((part: Loose) => part.text ?? '').join('') ?? '',
    ends: (event) => typeof event.candidates?.[0]?.finishReason === 'string',
    failure: (event) => event.error?.message,
  },
};

export function readAnswer(dialect: DialectName, body: Loose): string {
  return DIALECTS[dialect].answer(body);
}

/** The events of a stream, as a client that follows the event-stream grammar gets them. */
export function eventsOf(text: string): { event: string | undefined; data: string }[] {
  const events: { event: string | undefined; data: string }[] = [];
  const parser = createParser({ onEvent: ({ event, data }) => events.push({ event, data }) });
  parser.feed(`${text}\n\n`);
  return events;
}

/** What a client makes of a stream. Events that are not JSON say nothing; nothing counts after the end. */
export function readStream(dialect: DialectName, text: string) {
  const { words, ends, failure } = DIALECTS[dialect];
  let said = '';
  let ended = false;
  let failures = 0;
  let failedLast = false;
  for (const { data } of eventsOf(text)) {
    const event = parsed(data);
    if (event === undefined) continue;
    if (!ended) said += words(event);
    ended ||= ends(event);
    failedLast = failure(event) !== undefined;
    if (failedLast) failures += 1;
  }
  return { said, ended, failures, failedLast };
}

function parsed(data: string): Loose {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
