import { describe, expect, it } from 'vitest';
import { decodeError } from './error.ts';
import { decodeConverseResponse } from './response.ts';

const context = { newId: () => 'id', upstreamModel: 'anthropic.claude-x' };
const answer = (content: unknown, stopReason = 'end_turn') => ({
  output: { message: { role: 'assistant', content } },
  stopReason,
  usage: { inputTokens: 1, outputTokens: 1 },
});
const partsOf = (...content: unknown[]) => decodeConverseResponse(answer(content), context).parts;

describe('an answer', () => {
  it('is what its blocks say', () => {
    expect(
      partsOf(
        { text: '' },
        { reasoningContent: { reasoningText: { text: 'Hm', signature: 's' } } },
        { reasoningContent: { redactedContent: Buffer.from([0, 255, 128]).toString('base64') } },
        { text: 'a' },
        { toolUse: { toolUseId: 't', name: 'f', input: { a: 1 } } },
        { toolUse: { toolUseId: 't2', name: 'g' } },
        { toolUse: { toolUseId: 'v', name: 'h', input: {}, type: 'server_tool_use' } },
        { image: { format: 'png', source: { bytes: 'AA==' } } },
        { something: 'new' },
      ),
    ).toEqual([
      { type: 'reasoning', text: 'Hm', signature: 's', origin: 'anthropic' },
      { type: 'reasoning', text: '', redacted: '\u0000ÿ\u0080', origin: 'anthropic' },
      { type: 'text', text: 'a' },
      { type: 'tool_call', id: 't', name: 'f', arguments: '{"a":1}' },
      { type: 'tool_call', id: 't2', name: 'g', arguments: '{}' },
      { type: 'media', kind: 'image', mediaType: 'image/png', data: 'AA==' },
    ]);
  });

  it('of a guardrail is a filtered answer with real text', () => {
    const decoded = decodeConverseResponse(answer([{ text: 'Sorry.' }], 'guardrail_intervened'), context);
    expect(decoded).toMatchObject({ parts: [{ type: 'text', text: 'Sorry.' }], finish: 'content_filter' });
  });

  it.each([
    ['null', null],
    ['a list', []],
    ['no output', {}],
    ['no message', { output: {} }],
    ['no content', { output: { message: {} } }],
    ['a message of an error', { message: 'no' }],
    ['a block that is none', answer(['x'])],
    ['text that is none', answer([{ text: 1 }])],
    ['a call without id', answer([{ toolUse: { name: 'f' } }])],
    ['a thought without text', answer([{ reasoningContent: { reasoningText: { text: 1 } } }])],
    ['nothing but a failed output', answer([], 'malformed_model_output')],
  ])('is none: %s', (_, body) => {
    expect(() => decodeConverseResponse(body, context)).toThrow(/^The provider sent /);
  });
});

describe('an error', () => {
  it.each([
    [{ message: 'a' }, { message: 'a' }],
    [
      { Message: 'a', __type: 'validationException' },
      { message: 'a', code: 'ValidationException' },
    ],
    [
      { message: 'a', __type: 'x#AccessDeniedException:http://y' },
      { message: 'a', code: 'AccessDeniedException' },
    ],
    [
      { message: 'arn:aws-us-gov:sts:eu-west-1:210987654321:x by ASIAIOSFODNN7EXAMPLE' },
      { message: 'arn:aws-us-gov:sts:eu-west-1:[account]:x by [key]' },
    ],
    [{}, undefined],
    [null, undefined],
    [{ message: { a: 1 } }, undefined],
  ])('%j', (body, read) => {
    expect(decodeError(body)).toEqual(read);
  });
});
