import { describe, expect, it } from 'vitest';
import { NexusError } from '../../../errors/nexus-error.ts';
import type { ResponsePart } from '../../canonical/response.ts';
import { googleGenerate, googlePassthrough } from './index.ts';

const decode = (body: unknown) => googleGenerate.decodeResponse(body, { newId: () => 'id' });
const candidate = (parts: unknown, finishReason?: unknown) => ({ candidates: [{ content: { parts }, finishReason }] });
const context = { model: 'fast', created: 5, streamUsage: true, newId: () => 'new' };
const encode = (parts: ResponsePart[], finish: 'stop' | 'tool_calls' | 'length' | 'content_filter' = 'stop') =>
  JSON.parse(googleGenerate.encodeResponse({ id: '', model: 'm', parts, finish, usage: undefined }, context));

describe('decodeResponse', () => {
  it('reads everything an answer may hold', () => {
    const image = { inlineData: { mimeType: 'image/png', data: 'a-_=' } };
    const parts = [{ text: 'hm', thought: true }, { text: 'A', thoughtSignature: 's' }, image, { executableCode: {} }];
    const counts = { promptTokenCount: 3, toolUsePromptTokenCount: 4, candidatesTokenCount: 2, thoughtsTokenCount: 1 };
    expect(decode({ ...candidate(parts, 1), usageMetadata: counts, responseId: 'r', modelVersion: 'dated' })).toEqual({
      id: 'r',
      model: 'dated',
      parts: [
        { type: 'reasoning', text: 'hm', origin: 'google' },
        { type: 'reasoning', text: '', signature: 's', origin: 'google' },
        { type: 'text', text: 'A' },
        { type: 'media', kind: 'image', mediaType: 'image/png', data: 'a+/=' },
      ],
      finish: 'stop',
      usage: { input: 7, output: 3, cacheRead: 0, cacheWrite: 0, reasoning: 1 },
    });
  });

  it('mints an id that is known as ours', () => {
    expect(decode(candidate([{ functionCall: { name: 'f', args: {} } }], 'STOP'))).toMatchObject({
      parts: [{ type: 'tool_call', id: 'call_nexus_id', name: 'f', arguments: '{}' }],
      finish: 'tool_calls',
    });
  });

  it('takes a blocked prompt and a blocked answer for the filter, not for failures', () => {
    for (const body of [
      { promptFeedback: { blockReason: 'SAFETY' } },
      { candidates: [], promptFeedback: { blockReason: 2 } },
      { candidates: [{ content: {}, finishReason: 'SAFETY' }] },
      { candidates: [{ finishReason: 'SPII' }] },
    ]) {
      expect(decode(body)).toMatchObject({ parts: [], finish: 'content_filter' });
    }
  });

  it.each([
    ['null', null],
    ['nothing', {}],
    ['an empty list', { candidates: [] }],
    ['a candidate that is no object', { candidates: ['x'] }],
    ['parts that are no list', candidate('x')],
    ['a nameless call', candidate([{ functionCall: { args: {} } }])],
    ['a call that failed', candidate([], 'UNEXPECTED_TOOL_CALL')],
    ['an error under success', { error: { code: 500, message: 'boom', status: 'INTERNAL' } }],
  ])('refuses %s', (_, body) => {
    expect(() => decode(body)).toThrow(expect.objectContaining({ code: 'upstream_invalid' }));
  });
});

describe('encodeResponse', () => {
  it('writes what an answer says, in the words of this format', () => {
    expect(
      encode([
        { type: 'reasoning', text: 'theirs', signature: 'x', origin: 'anthropic' },
        { type: 'reasoning', text: '', redacted: 'y', origin: 'anthropic' },
        { type: 'reasoning', text: '', signature: 's', origin: 'google' },
        { type: 'text', text: 'A' },
        { type: 'refusal', text: 'No' },
        { type: 'tool_call', id: 'c', name: 'f', arguments: '' },
        { type: 'media', kind: 'image', mediaType: 'image/png', data: 'QQ==' },
      ]),
    ).toEqual({
      candidates: [
        {
          content: {
            parts: [
              { text: 'theirs', thought: true },
              { text: 'A', thoughtSignature: 's' },
              { text: 'No' },
              { functionCall: { id: 'c', name: 'f', args: {} } },
              { inlineData: { mimeType: 'image/png', data: 'QQ==' } },
            ],
            role: 'model',
          },
          finishReason: 'SAFETY',
          index: 0,
        },
      ],
      modelVersion: 'fast',
      responseId: 'new',
    });
  });

  it('says so when a call cannot be shown', () => {
    const call = { type: 'tool_call', id: 'c', name: 'f', arguments: '[1]' } as const;
    expect(encode([call], 'tool_calls').candidates[0]).toMatchObject({
      content: { parts: [] },
      finishReason: 'MALFORMED_FUNCTION_CALL',
    });
    expect(encode([call], 'content_filter').candidates[0].finishReason).toBe('SAFETY');
  });
});

describe('errors', () => {
  it.each([
    ['invalid_request', 400, 'INVALID_ARGUMENT'],
    ['key_missing', 401, 'UNAUTHENTICATED'],
    ['model_not_found', 404, 'NOT_FOUND'],
    ['payload_too_large', 413, 'INVALID_ARGUMENT'],
    ['upstream_rate_limited', 429, 'RESOURCE_EXHAUSTED'],
    ['internal', 500, 'INTERNAL'],
    ['upstream_invalid', 502, 'UNAVAILABLE'],
    ['shutting_down', 503, 'UNAVAILABLE'],
    ['upstream_timeout', 504, 'DEADLINE_EXCEEDED'],
  ] as const)('writes %s', (code, status, name) => {
    const error = new NexusError(code, 'm"');
    const envelope = { error: { code: status, message: 'm"', status: name } };
    expect(JSON.parse(googleGenerate.encodeError(error))).toEqual(envelope);
    expect(googleGenerate.encodeErrorEvent(error)).toBe(`data: ${JSON.stringify(envelope)}\r\n\r\n`);
    const told = [{ '@type': 'type.googleapis.com/google.rpc.RequestInfo', requestId: 'r-1' }];
    expect(JSON.parse(googleGenerate.encodeError(error, 'r-1')).error.details).toEqual(told);
  });

  it('reads the envelope, also as a list of one', () => {
    const envelope = { error: { code: 404, message: 'gone', status: 'NOT_FOUND' } };
    expect(googleGenerate.decodeError(envelope)).toEqual({ message: 'gone', code: 'NOT_FOUND' });
    expect(googleGenerate.decodeError([envelope])).toEqual({ message: 'gone', code: 'NOT_FOUND' });
    const details = [{ reason: 'API_KEY_INVALID' }];
    expect(googleGenerate.decodeError({ error: { message: 'm', status: 'INVALID_ARGUMENT', details } })).toEqual({
      message: 'm',
      code: 'API_KEY_INVALID',
    });
    for (const other of [null, {}, { error: 'x' }, { error: {} }, []]) {
      expect(googleGenerate.decodeError(other)).toBeUndefined();
    }
  });
});

describe('googlePassthrough', () => {
  const read = (body: object) => googlePassthrough.readEvent(JSON.stringify(body));

  it('leaves requests as they are', () => {
    const bytes = Buffer.from('{}');
    expect(googlePassthrough.patchRequest(bytes, {}, 'm')).toBe(bytes);
    expect(googlePassthrough.wantsStreamUsage({})).toBe(true);
  });

  it.each([
    ['text', candidate([{ text: 'A' }]), true, false],
    ['a thought', candidate([{ text: 'A', thought: true }]), true, false],
    ['an empty text', candidate([{ text: '' }]), false, false],
    ['a signature', candidate([{ text: '', thoughtSignature: 's' }]), true, false],
    ['a call', candidate([{ functionCall: {} }]), true, false],
    ['the finish', candidate([{ text: '' }], 'STOP'), true, true],
    ['a numeric finish', candidate([], 1), true, true],
    ['a blocked prompt', { promptFeedback: { blockReason: 'OTHER' } }, true, true],
    ['usage alone', { usageMetadata: { promptTokenCount: 1 } }, false, false],
  ])('reads %s', (_, body, content, finished) => {
    expect(read(body)).toMatchObject({ content, finished, usageOnly: false });
  });

  it('finds usage and failures', () => {
    const usageMetadata = { promptTokenCount: 4, cachedContentTokenCount: 9 };
    expect(read({ usageMetadata }).usage).toMatchObject({ input: 4, cacheRead: 4 });
    expect(read({ error: { message: 'm', status: 'UNAVAILABLE' } }).failure?.code).toBe('upstream_unavailable');
    expect(googlePassthrough.readEvent('{').failure?.code).toBe('upstream_invalid');
    expect(googlePassthrough.readEvent('[]').failure?.code).toBe('upstream_invalid');
  });

  it('tells answers from what is none', () => {
    expect(googlePassthrough.readResponse({ ...candidate([]), modelVersion: 'dated' }).model).toBe('dated');
    expect(googlePassthrough.readResponse({ promptFeedback: { blockReason: 'SAFETY' } }).usage).toBeUndefined();
    for (const body of [null, {}, { candidates: [] }, { candidates: [1] }, { error: { message: 'm' } }]) {
      expect(() => googlePassthrough.readResponse(body)).toThrow(expect.objectContaining({ code: 'upstream_invalid' }));
    }
  });
});
