import { MessageStream } from '@anthropic-ai/sdk/lib/MessageStream';
import { describe, expect, it } from 'vitest';
import { NexusError } from '../../../errors/nexus-error.ts';
import type { CanonicalEvent } from '../../canonical/event.ts';
import { anthropicMessages } from './index.ts';

const context = { model: 'public', created: 1, streamUsage: true, newId: () => 'fresh' };
const start: CanonicalEvent = { type: 'start', id: 'msg_1', model: 'dated' };
const usage = (input: number, output: number): CanonicalEvent => ({
  type: 'usage',
  usage: { input, output, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
});
const call = (index: number): CanonicalEvent => ({ type: 'tool_call', index, id: `c${index}`, name: 'f' });
const args = (index: number, json: string): CanonicalEvent => ({ type: 'tool_arguments', index, json });
const text = (piece: string): CanonicalEvent => ({ type: 'text', text: piece });
const end: CanonicalEvent = { type: 'end' };

function encode(...events: CanonicalEvent[]): string {
  const encoder = anthropicMessages.createStreamEncoder(context);
  return events.map((event) => encoder.encode(event)).join('');
}

/** One line per frame: what kind it is, of which block, and what it carries. */
function outline(stream: string): string[] {
  return stream
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(frame) ?? [];
      const body = JSON.parse(data ?? '');
      expect(body.type).toBe(event);
      const carried = body.content_block?.type ?? Object.values(body.delta ?? {})[1] ?? '';
      return [String(event).replace('content_block_', ''), body.index, carried]
        .filter((word) => word !== undefined)
        .join(' ');
    });
}

/** What the official client makes of the stream. */
async function read(stream: string) {
  const lines = stream
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => `${line.slice('data: '.length)}\n`);
  const reader = MessageStream.fromReadableStream(new Blob(lines).stream());
  return await reader.finalMessage();
}

describe('stream encoder', () => {
  it('writes the official sequence, byte for byte', () => {
    const finish: CanonicalEvent = { type: 'finish', reason: 'stop' };
    expect(encode(start, usage(7, 1), text('Hé'), text(''), text('\n'), finish, usage(7, 2), end)).toBe(
      [
        'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"public","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":7,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":1}}}',
        'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hé"}}',
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\\n"}}',
        'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}',
        'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":7,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":2}}',
        'event: message_stop\ndata: {"type":"message_stop"}',
        '',
      ].join('\n\n'),
    );
  });

  it('never has two blocks open', async () => {
    const citation = { type: 'char_location', cited_text: 'x' };
    const stream = encode(
      start,
      { type: 'reasoning', text: 'h' },
      { type: 'reasoning', text: 'm' },
      { type: 'reasoning_end', signature: 'c2ln', origin: 'anthropic' },
      { type: 'reasoning_end', redacted: 'ZGF0', origin: 'anthropic' },
      { type: 'reasoning', text: 'unsigned' },
      { type: 'citation', citation },
      { type: 'citation', citation: { type: 'url_citation' } },
      text('a'),
      call(0),
      args(0, '{"x":'),
      args(0, '1}'),
      call(1),
      text('b'),
      { type: 'finish', reason: 'tool_calls' },
      end,
    );
    expect(outline(stream)).toEqual([
      'message_start ',
      'start 0 thinking',
      'delta 0 h',
      'delta 0 m',
      'delta 0 c2ln',
      'stop 0 ',
      'start 1 redacted_thinking',
      'stop 1 ',
      'start 2 thinking',
      'delta 2 unsigned',
      'stop 2 ',
      'start 3 text',
      'delta 3 [object Object]',
      'delta 3 a',
      'stop 3 ',
      'start 4 tool_use',
      'delta 4 ',
      'delta 4 {"x":',
      'delta 4 1}',
      'stop 4 ',
      'start 5 tool_use',
      'delta 5 ',
      'stop 5 ',
      'start 6 text',
      'delta 6 b',
      'stop 6 ',
      'message_delta ',
      'message_stop ',
    ]);
    const message = await read(stream);
    expect(message.stop_reason).toBe('tool_use');
    expect(message.content).toMatchObject([
      { type: 'thinking', thinking: 'hm', signature: 'c2ln' },
      { type: 'redacted_thinking', data: 'ZGF0' },
      { type: 'thinking', thinking: 'unsigned', signature: '' },
      { type: 'text', text: 'a', citations: [citation] },
      { type: 'tool_use', id: 'c0', name: 'f', input: { x: 1 } },
      { type: 'tool_use', id: 'c1', name: 'f', input: {} },
      { type: 'text', text: 'b' },
    ]);
  });

  it('puts calls in line whose arguments come interleaved', async () => {
    const stream = encode(start, call(0), call(1), args(1, '{"b":'), args(0, '{"a":1}'), call(2), args(1, '2}'), end);
    const { content, stop_reason } = await read(stream);
    expect(content.map((block) => block.type === 'tool_use' && [block.id, block.input])).toEqual([
      ['c0', { a: 1 }],
      ['c1', { b: 2 }],
      ['c2', {}],
    ]);
    expect(stop_reason).toBe('tool_use');
  });

  it('ends in an error rather than lose arguments', () => {
    const stream = encode(start, call(0), args(0, '{"a":'), text('x'), args(0, ' '), args(0, '1}'), end);
    expect(outline(stream).slice(-2)).toEqual(['delta 1 x', 'error ']);
    expect(stream).not.toContain('message_stop');
  });

  it('carries the proofs of other vendors under their name', () => {
    const stream = encode(start, { type: 'reasoning_end', signature: 'g', origin: 'google' }, end);
    expect(outline(stream).slice(1, 4)).toEqual(['start 0 thinking', 'delta 0 nexus:google::g', 'stop 0 ']);
    expect(
      outline(encode(start, { type: 'reasoning_end', redacted: 'x' }, { type: 'reasoning_end' }, end)),
    ).toHaveLength(3);
  });

  it.each([
    [[{ type: 'finish', reason: 'stop', stopSequence: 'END' }], 'stop_sequence', 'END'],
    [
      [
        { type: 'refusal', text: 'No' },
        { type: 'finish', reason: 'stop' },
      ],
      'refusal',
      null,
    ],
    [[{ type: 'finish', reason: 'length' }], 'max_tokens', null],
    [[], 'end_turn', null],
  ] satisfies [CanonicalEvent[], string, string | null][])('ends %j with %s', async (events, reason, sequence) => {
    const message = await read(encode(start, ...events, end));
    expect([message.stop_reason, message.stop_sequence]).toEqual([reason, sequence]);
  });

  it('is whole without a start, and makes an id', async () => {
    const message = await read(encode(text('x'), end));
    expect([message.id, message.model, message.usage.input_tokens]).toEqual(['msg_fresh', 'public', 0]);
  });

  it('says nothing after an error, and no proper end', () => {
    const late = new NexusError('upstream_timeout', 'late');
    const error: CanonicalEvent = { type: 'error', error: late, requestId: 'r-1' };
    const stream = encode(start, text('x'), error, text('y'), end);
    const told = '{"type":"error","error":{"type":"timeout_error","message":"late"},"request_id":"r-1"}';
    expect(stream.endsWith(`event: error\ndata: ${told}\n\n`)).toBe(true);
    expect(encode(start, text('x'))).not.toContain('message_stop');
  });
});
