import { expect } from 'vitest';
import type { Recording } from './corpus.ts';

/*
 * What recordings and translated answers say, read in the plainest way and independently of the code under test, in one
 * form that can be compared.
 */

/** What an answer says, whatever format it is in. */
export interface Meaning {
  text: string;
  calls: { id: string; name: string; input: unknown }[];
  finish: string;
  usage: { prompt: number; completion: number; cached: number } | undefined;
}

export type Loose = { [member: string]: Loose } & { [index: number]: Loose } & Iterable<Loose>;
export const loose = (value: unknown) => value as Loose | undefined;

const FINISH: Record<string, string> = { max_tokens: 'length', tool_use: 'tool_calls', refusal: 'content_filter' };

function usageOf(usage: Record<string, number>): Meaning['usage'] {
  const cached = usage['cache_read_input_tokens'] ?? 0;
  const prompt = (usage['input_tokens'] ?? 0) + cached + (usage['cache_creation_input_tokens'] ?? 0);
  return { prompt, completion: usage['output_tokens'] ?? 0, cached };
}

interface Block {
  type: string;
  text?: string;
  id?: string;
  name?: string;
  input?: unknown;
}

function meaningOfBlocks(blocks: readonly Block[], stopReason: string): Omit<Meaning, 'usage'> {
  return {
    text: blocks.map((block) => (block.type === 'text' ? (block.text ?? '') : '')).join(''),
    calls: blocks
      .filter((block) => block.type === 'tool_use')
      .map(({ id = '', name = '', input }) => ({ id, name, input })),
    finish: FINISH[stopReason] ?? 'stop',
  };
}

export function recordedAnswer({ response }: Recording): Meaning {
  const body = response.body as { content: Block[]; stop_reason: string; usage: Record<string, number> };
  return { ...meaningOfBlocks(body.content, body.stop_reason), usage: usageOf(body.usage) };
}

interface StreamFrame {
  type: string;
  index: number;
  message: { usage: Record<string, number> };
  content_block: Block;
  delta: { text?: string; partial_json?: string; stop_reason?: string };
  usage: Record<string, number>;
}

export function recordedStream(text: string): Meaning {
  const frames: StreamFrame[] = [...text.matchAll(/^data: ?(.*)$/gm)].map(([, data = '']) => JSON.parse(data));
  const blocks: Block[] = [];
  const pieces: string[] = [];
  let usage: Record<string, number> = {};
  let stopReason = '';
  for (const frame of frames) {
    if (frame.type === 'message_start') usage = { ...frame.message.usage };
    if (frame.type === 'content_block_start') blocks[frame.index] = { ...frame.content_block };
    if (frame.type === 'content_block_delta') {
      const block = blocks[frame.index];
      if (block && frame.delta.text !== undefined) block.text = (block.text ?? '') + frame.delta.text;
      pieces[frame.index] = (pieces[frame.index] ?? '') + (frame.delta.partial_json ?? '');
    }
    if (frame.type === 'message_delta') {
      usage = { ...usage, ...frame.usage };
      stopReason = frame.delta.stop_reason ?? stopReason;
    }
  }
  for (const [index, piece] of pieces.entries()) {
    const block = blocks[index];
    if (block && piece) block.input = JSON.parse(piece);
  }
  return { ...meaningOfBlocks(blocks, stopReason), usage: usageOf(usage) };
}

function shownUsage(usage: Loose | undefined): Meaning['usage'] {
  if (!usage) return undefined;
  const { prompt_tokens, completion_tokens, total_tokens, prompt_tokens_details } = usage;
  expect(total_tokens).toBe(Number(prompt_tokens) + Number(completion_tokens));
  const cached = Number(prompt_tokens_details?.['cached_tokens']);
  return { prompt: Number(prompt_tokens), completion: Number(completion_tokens), cached };
}

export function shownAnswer(body: Loose): Meaning {
  const choice = body['choices']?.[0];
  const calls = [...(choice?.['message']?.['tool_calls'] ?? [])].map((call) => ({
    id: String(call['id']),
    name: String(call['function']?.['name']),
    input: JSON.parse(String(call['function']?.['arguments'])),
  }));
  const content: unknown = choice?.['message']?.['content'];
  return {
    text: typeof content === 'string' ? content : '',
    calls,
    finish: String(choice?.['finish_reason']),
    usage: shownUsage(body['usage']),
  };
}

/** Puts the chunks together the way a client does. */
export function shownStream(chunks: readonly Loose[]): Meaning {
  let text = '';
  let finish = '';
  let usage: Meaning['usage'];
  const calls: { id: string; name: string; json: string }[] = [];
  for (const chunk of chunks) {
    usage = shownUsage(chunk['usage']) ?? usage;
    const choice = chunk['choices']?.[0];
    if (choice === undefined) continue;
    const content: unknown = choice['delta']?.['content'];
    if (typeof content === 'string') text += content;
    for (const call of choice['delta']?.['tool_calls'] ?? []) {
      const index = Number(call['index']);
      const open = calls[index] ?? { id: String(call['id']), name: String(call['function']?.['name']), json: '' };
      open.json += String(call['function']?.['arguments']);
      calls[index] = open;
    }
    const reason: unknown = choice['finish_reason'];
    if (typeof reason === 'string') finish = reason;
  }
  return { text, calls: calls.map(({ id, name, json }) => ({ id, name, input: JSON.parse(json) })), finish, usage };
}

export function streamText({ response }: Recording): string {
  if (response.text !== undefined) return response.text;
  return (response.chunks ?? []).map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('');
}

/** Texts of a chat request, in order: those of the system apart from those of the turns. */
export function saidInChat(body: Record<string, unknown>): { system: string[]; turns: string[] } {
  const said = { system: [] as string[], turns: [] as string[] };
  for (const message of loose(body['messages']) ?? []) {
    const content: unknown = message['content'];
    const texts =
      typeof content === 'string' ? [content] : [...(loose(content) ?? [])].map((part) => String(part['text'] ?? ''));
    const isSystem = ['system', 'developer'].includes(String(message['role']));
    (isSystem ? said.system : said.turns).push(...texts.filter((text) => text.trim() !== ''));
  }
  return said;
}

export function saidInMessages(content: Loose | undefined): string[] {
  if (typeof content === 'string') return [content];
  return [...(content ?? [])].flatMap((block) => {
    if (String(block['type']) === 'tool_result') return saidInMessages(block['content']);
    return String(block['type']) === 'text' ? [String(block['text'])] : [];
  });
}
