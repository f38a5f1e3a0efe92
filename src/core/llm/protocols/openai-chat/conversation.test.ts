import { describe, expect, it } from 'vitest';
import { NexusError } from '../../../errors/nexus-error.ts';
import { addressOf, openaiChat } from './index.ts';

const user = { role: 'user', content: 'Hello' };

function decode(fields: Record<string, unknown>) {
  const body = openaiChat.validateRequest({ model: 'm', messages: [user], ...fields });
  return openaiChat.decodeRequest(body, addressOf(body));
}

const decodeMessages = (...messages: unknown[]) => decode({ messages });

function refusedParam(fields: Record<string, unknown>): string | undefined {
  try {
    decode(fields);
  } catch (thrown) {
    if (NexusError.is(thrown) && thrown.code === 'invalid_request') return thrown.param;
    throw thrown;
  }
  throw new Error('the request was accepted');
}

const call = (id: string, name: string, args: string) => ({
  id,
  type: 'function',
  function: { name, arguments: args },
});

describe('decodeRequest, the conversation', () => {
  it('hoists system and developer texts in order and merges the neighbours left behind', () => {
    const request = decodeMessages(
      { role: 'system', content: 'one' },
      user,
      {
        role: 'developer',
        content: [
          { type: 'text', text: 'two' },
          { type: 'text', text: '' },
        ],
      },
      { role: 'user', content: 'again' },
      { role: 'system', content: '' },
    );
    expect(request.system).toEqual([
      { type: 'text', text: 'one' },
      { type: 'text', text: 'two' },
    ]);
    expect(request.turns).toEqual([
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'Hello' },
          { type: 'text', text: 'again' },
        ],
      },
    ]);
  });

  it('puts all results of a round into one user turn, before its text', () => {
    const request = decodeMessages(
      user,
      { role: 'assistant', content: 'Let me see', tool_calls: [call('a', 'f', '{"x":1}'), call('b', 'g', '')] },
      { role: 'tool', tool_call_id: 'a', content: 'A' },
      { role: 'user', content: 'hurry' },
      { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: 'B' }] },
    );
    expect(request.turns.slice(1)).toEqual([
      {
        role: 'assistant',
        parts: [
          { type: 'text', text: 'Let me see' },
          { type: 'tool_call', id: 'a', name: 'f', arguments: '{"x":1}' },
          { type: 'tool_call', id: 'b', name: 'g', arguments: '' },
        ],
      },
      {
        role: 'user',
        parts: [
          { type: 'tool_result', callId: 'a', content: [{ type: 'text', text: 'A' }], isError: false },
          { type: 'tool_result', callId: 'b', content: [{ type: 'text', text: 'B' }], isError: false },
          { type: 'text', text: 'hurry' },
        ],
      },
    ]);
  });

  it('drops empty texts and turns without any part, but keeps empty results', () => {
    const request = decodeMessages(
      user,
      { role: 'assistant', content: '' },
      { role: 'user', content: [{ type: 'text', text: '' }] },
      { role: 'user', content: null },
      { role: 'assistant', content: null, tool_calls: [call('a', 'f', '{}')] },
      { role: 'tool', tool_call_id: 'a', content: '' },
    );
    expect(request.turns.map((turn) => turn.parts.length)).toEqual([1, 1, 1]);
    expect(request.turns[2]?.parts[0]).toEqual({ type: 'tool_result', callId: 'a', content: [], isError: false });
  });

  it('gives calls from before tool_calls ids of their own', () => {
    const round = (n: number) => [
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: `{"n":${n}}` } },
      { role: 'function', name: 'f', content: `r${n}` },
    ];
    const request = decode({
      messages: [user, ...round(1), ...round(2)],
      functions: [{ name: 'f', parameters: { type: 'object' } }],
      function_call: { name: 'f' },
    });
    expect(request.turns.flatMap(({ parts }) => parts).slice(1)).toEqual([
      { type: 'tool_call', id: 'f', name: 'f', arguments: '{"n":1}' },
      { type: 'tool_result', callId: 'f', content: [{ type: 'text', text: 'r1' }], isError: false },
      { type: 'tool_call', id: 'f_2', name: 'f', arguments: '{"n":2}' },
      { type: 'tool_result', callId: 'f_2', content: [{ type: 'text', text: 'r2' }], isError: false },
    ]);
    expect(request.tools).toEqual([{ name: 'f', parameters: { type: 'object' } }]);
    expect(request.toolChoice).toEqual({ type: 'tool', name: 'f' });
    expect(request.unsupported).toEqual([]);
  });

  it('tells refusals from text and leaves thoughts without proof out', () => {
    const request = decodeMessages(
      user,
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: [] },
          { type: 'refusal', refusal: 'No.' },
        ],
        reasoning: 'hm',
        reasoning_details: [{ type: 'reasoning.text', text: 'hm', format: 'anthropic' }],
      },
      user,
      { role: 'assistant', content: null, refusal: 'Never.', reasoning_content: 'hm' },
    );
    expect(request.turns.map(({ parts }) => parts)).toEqual([
      [{ type: 'text', text: 'Hello' }],
      [{ type: 'refusal', text: 'No.' }],
      [{ type: 'text', text: 'Hello' }],
      [{ type: 'refusal', text: 'Never.' }],
    ]);
    expect(request.unsupported).toEqual([]);
  });

  it('carries proven thoughts, pictures and the proof of a call, byte for byte', () => {
    const signature = 'Ab+/==\u2028';
    const request = decodeMessages(user, {
      role: 'assistant',
      content: 'Sure',
      reasoning_content: 'plain',
      reasoning_details: [
        { type: 'reasoning.text', text: 'proven', signature, format: 'anthropic' },
        { type: 'reasoning.text', text: 'router', signature: 's', format: 'anthropic-claude-v1' },
        { type: 'reasoning.encrypted', data: 'D', format: 'openai', id: 'rs_1' },
        { type: 'reasoning.summary', summary: 'sum', format: 'openai', id: 'rs_2' },
        { type: 'reasoning.encrypted', data: 'E', format: 'openai', id: 'rs_2' },
        { type: 'reasoning.encrypted', data: 'D', format: 'somebody' },
        'nonsense',
      ],
      images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }],
      tool_calls: [{ ...call('a', 'f', '{}'), extra_content: { google: { thought_signature: signature } } }],
    });
    expect(request.turns[1]?.parts).toEqual([
      { type: 'reasoning', text: 'proven', signature, origin: 'anthropic' },
      { type: 'reasoning', text: 'router', signature: 's', origin: 'anthropic' },
      { type: 'reasoning', text: '', redacted: 'D', origin: 'openai', id: 'rs_1' },
      { type: 'reasoning', text: 'sum', redacted: 'E', origin: 'openai', id: 'rs_2' },
      { type: 'text', text: 'Sure' },
      { type: 'media', kind: 'image', mediaType: 'image/png', data: 'AA==' },
      { type: 'tool_call', id: 'a', name: 'f', arguments: '{}', signature },
    ]);
    expect(request.unsupported).toEqual([]);
  });

  it.each([
    ['https://host/a.png', { url: 'https://host/a.png' }],
    [{ url: 'HTTP://host/a.png', detail: 'auto' }, { url: 'HTTP://host/a.png' }],
    [
      { url: 'https://host/a.png', detail: 'low' },
      { url: 'https://host/a.png', detail: 'low' },
    ],
    ['data:image/png;base64,AAAA', { mediaType: 'image/png', data: 'AAAA' }],
    ['data:image/JPEG;name=a;base64,AA==', { mediaType: 'image/jpeg', data: 'AA==' }],
  ])('reads the image %j', (image, expected) => {
    const request = decodeMessages({ role: 'user', content: [{ type: 'image_url', image_url: image }] });
    expect(request.turns[0]?.parts).toEqual([{ type: 'media', kind: 'image', ...expected }]);
    expect(request.unsupported).toEqual([]);
  });

  it.each([
    [
      { type: 'file', file: { file_data: 'data:application/pdf;base64,AA==', filename: 'a.pdf' } },
      { kind: 'document', mediaType: 'application/pdf', data: 'AA==', name: 'a.pdf' },
    ],
    [
      { type: 'file', file: { file_id: 'file-1', filename: null } },
      { kind: 'document', fileId: 'file-1' },
    ],
    [
      { type: 'input_audio', input_audio: { data: 'AA==', format: 'mp3' } },
      { kind: 'audio', mediaType: 'audio/mp3', data: 'AA==' },
    ],
  ])('reads %j', (part, expected) => {
    expect(decodeMessages({ role: 'user', content: [part] }).turns[0]?.parts).toEqual([{ type: 'media', ...expected }]);
  });

  it.each([
    [{ type: 'input_audio', input_audio: { data: 'AA==', format: 'ogg' } }, 'input_audio.format'],
    [{ type: 'input_audio', input_audio: { format: 'wav' } }, 'input_audio.data'],
    [{ type: 'file', file: {} }, 'file'],
    [{ type: 'file', file: { file_data: 'JVBERi0=' } }, 'file.file_data'],
  ])('refuses %j', (part, path) => {
    expect(refusedParam({ messages: [{ role: 'user', content: [part] }] })).toBe(`messages[0].content[0].${path}`);
  });

  it.each(['', 'file:///etc/passwd', 'ftp://a', 'data:', 'data:image/png,AAAA', 'data:;base64,AAAA', 'data:x;base64'])(
    'refuses the image address %j',
    (url) => {
      const content = [
        { type: 'text', text: 'x' },
        { type: 'image_url', image_url: { url } },
      ];
      expect(refusedParam({ messages: [{ role: 'user', content }] })).toBe('messages[0].content[1].image_url.url');
    },
  );

  it.each([
    ['user', { type: 'video_url' }],
    ['system', { type: 'image_url', image_url: 'https://host/a.png' }],
    ['assistant', { type: 'image_url', image_url: 'https://host/a.png' }],
  ])('refuses content of %s without a canonical form: %j', (role, part) => {
    expect(refusedParam({ messages: [user, { role, content: [part] }] })).toBe('messages[1].content[0].type');
  });

  it('refuses an audio answer and calls of unknown tools in the history', () => {
    expect(refusedParam({ messages: [user, { role: 'assistant', audio: { id: 'a' } }] })).toBe('messages[1].audio');
    const tool_calls = [{ id: 'a', type: 'computer', computer: {} }];
    expect(refusedParam({ messages: [user, { role: 'assistant', tool_calls }] })).toBe(
      'messages[1].tool_calls[0].type',
    );
  });

  it('takes a call of a custom tool for one of the function that stands for it', () => {
    const tool_calls = [{ id: 'a', type: 'custom', custom: { name: 'x', input: 'say "hi"' } }];
    expect(decode({ messages: [user, { role: 'assistant', tool_calls }] }).turns[1]?.parts).toEqual([
      { type: 'tool_call', id: 'a', name: 'x', arguments: '{"input":"say \\"hi\\""}' },
    ]);
  });

  it('stays linear: a hundred thousand messages are read in one pass', () => {
    const messages = Array.from({ length: 100_000 }, (_, index) => ({
      role: 'tool',
      tool_call_id: `${index}`,
      content: 'x',
    }));
    const [turn, ...rest] = decode({ messages }).turns;
    expect(rest).toEqual([]);
    expect(turn?.parts).toHaveLength(100_000);
  });
});
