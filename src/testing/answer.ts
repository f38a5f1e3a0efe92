// A reply made complete: what both dialects encode.
import type { FakeReply } from './fake-rule.ts';
import type { Question } from './question.ts';

export interface AnswerToolCall {
  readonly id: string;
  readonly name: string;
  readonly namespace: string | undefined;
  /** JSON text. */
  readonly arguments: string;
}

/** Token counts, in the sense of `FakeUsage`, all present. */
export interface AnswerUsage {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly reasoning: number;
}

export interface Answer {
  /** Number of this answer at its provider, from 1; ids are made of it. */
  readonly serial: number;
  readonly model: string;
  readonly text: string;
  readonly toolCalls: readonly AnswerToolCall[];
  readonly finish: 'stop' | 'length' | 'tool_calls' | 'content_filter';
  /** What the call costs. */
  readonly usage: AnswerUsage;
  /** What the answer says it costs; undefined: nothing. */
  readonly reported: AnswerUsage | undefined;
  /** How many equal answers are given at once. */
  readonly choices: number;
  /** Characters in each chunk of a stream. */
  readonly chunkSize: number;
}

const CHARACTERS_PER_TOKEN = 4;
const DEFAULT_CHUNK_SIZE = 8;

/** Counts that no honest upstream reports. */
const ABSURD: AnswerUsage = { input: -5, output: 9e15, cacheRead: -1, cacheWrite: -1, reasoning: -7 };

export function estimateTokens(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/** An id in the style of the vendors: a prefix and 24 letters and digits, the same for the same serial. */
export function vendorId(prefix: string, serial: number, part = 0): string {
  return `${prefix}fake${String(serial).padStart(14, '0')}${String(part).padStart(6, '0')}`;
}

function argumentsText(value: Record<string, unknown> | string | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? {});
}

export function composeAnswer(question: Question, reply: FakeReply, serial: number): Answer {
  const prefix = question.protocol === 'anthropic' ? 'toolu_' : 'call_';
  const text = reply.text ?? '';
  const toolCalls = (reply.toolCalls ?? []).map((call, index) => ({
    id: call.id ?? vendorId(prefix, serial, index),
    name: call.name,
    namespace: call.namespace,
    arguments: argumentsText(call.arguments),
  }));
  const written = toolCalls.reduce((sum, call) => sum + call.name.length + call.arguments.length, text.length);
  const { cacheRead = 0, cacheWrite = 0, reasoning = 0, ...counts } = reply.usage ?? {};
  const usage = {
    input: counts.input ?? Math.max(estimateTokens(question.characters), cacheRead + cacheWrite),
    output: counts.output ?? estimateTokens(written) * question.choices + reasoning,
    cacheRead,
    cacheWrite,
    reasoning,
  };
  return {
    serial,
    model: question.model,
    text,
    toolCalls,
    finish: reply.finish ?? (toolCalls.length > 0 ? 'tool_calls' : 'stop'),
    usage,
    reported: reply.fault === 'usage-missing' ? undefined : reply.fault === 'usage-absurd' ? ABSURD : usage,
    choices: question.choices,
    chunkSize: reply.chunkSize ?? DEFAULT_CHUNK_SIZE,
  };
}

/** Cuts a text into pieces of `size` UTF-16 units; a surrogate pair stays whole. An empty text has no pieces. */
export function pieces(text: string, size: number): string[] {
  const cut: string[] = [];
  for (let start = 0; start < text.length; ) {
    const wanted = start + size;
    // A code point above U+FFFF at the last unit of the piece takes the next unit along.
    const end = (text.codePointAt(wanted - 1) ?? 0) > 0xffff ? wanted + 1 : wanted;
    cut.push(text.slice(start, end));
    start = end;
  }
  return cut;
}

/** One event of a stream. */
export interface StreamEvent {
  /** The `event:` line, where the dialect has one. */
  readonly name?: string;
  /** The `data:` line. */
  readonly data: string;
  /** Whether it carries text or arguments. */
  readonly content?: boolean;
  /** Output tokens billed once it is sent. */
  readonly tokens?: number;
}

/** Shares `output` tokens among the events that carry content, in whole numbers; where none does, the last has them all. */
export function priced(events: readonly StreamEvent[], output: number): StreamEvent[] {
  const count = events.filter(({ content }) => content).length;
  let shared = 0;
  let given = 0;
  return events.map((event, index) => {
    if (count === 0) return index === events.length - 1 ? { ...event, tokens: output } : event;
    if (event.content !== true) return event;
    shared += 1;
    const before = given;
    given = Math.floor((output * shared) / count);
    return { ...event, tokens: given - before };
  });
}
