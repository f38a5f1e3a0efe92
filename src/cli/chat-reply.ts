// A streamed chat completion, read as it arrives.
import { createParser } from 'eventsource-parser';
import { ERROR_RULES, type ErrorCode, NexusError } from '../core/index.ts';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface ChatReply {
  readonly text: string;
  readonly finishReason: string | undefined;
}

/**
 * Reads the answer to a streamed chat completion; `onText` gets every piece of text. Rejects with the code and message of
 * an answer that is an error, or ends in one.
 */
export async function readReply(response: Response, onText: (text: string) => void): Promise<ChatReply> {
  if (!response.ok) throw failure(parsed(await response.text()), response.headers.get('x-nexus-error') ?? '');
  let text = '';
  let finishReason: string | undefined;
  let broken: NexusError | undefined;
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data === '[DONE]') return;
      const event = parsed(data);
      if (event === undefined || member(event, 'error') !== undefined) {
        broken ??= failure(event, 'upstream_invalid');
        return;
      }
      const [choice] = listOf(member(event, 'choices'));
      const delta = member(choice, 'delta');
      const piece = textOf(member(delta, 'content')) ?? textOf(member(delta, 'refusal')) ?? '';
      finishReason = textOf(member(choice, 'finish_reason')) ?? finishReason;
      if (piece === '') return;
      text += piece;
      onText(piece);
    },
  });
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) parser.feed(decoder.decode(chunk, { stream: true }));
  if (broken !== undefined) throw broken;
  return { text, finishReason };
}

/** `code`: the machine's word for it, where the answer has one. */
function failure(answer: unknown, code: string): NexusError {
  const message = textOf(member(member(answer, 'error'), 'message')) ?? 'The answer cannot be read';
  return new NexusError(isErrorCode(code) ? code : 'upstream_failed', message);
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_RULES, code);
}

/** `undefined` for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
