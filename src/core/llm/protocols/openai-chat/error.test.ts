import { describe, expect, it } from 'vitest';
import { NexusError } from '../../../errors/nexus-error.ts';
import { decodeError, encodeError, encodeErrorEvent } from './error.ts';

describe('encodeError', () => {
  it.each([
    [400, 'invalid_request_error'],
    [401, 'authentication_error'],
    [403, 'permission_error'],
    [404, 'not_found_error'],
    [405, 'invalid_request_error'],
    [409, 'invalid_request_error'],
    [413, 'invalid_request_error'],
    [415, 'invalid_request_error'],
    [422, 'invalid_request_error'],
    [429, 'rate_limit_error'],
    [500, 'internal_error'],
    [502, 'api_error'],
    [503, 'api_error'],
    [504, 'api_error'],
  ])('%i is of type %s', (status, type) => {
    const envelope = JSON.parse(encodeError(new NexusError('internal', 'Some "text"\n', { status })));
    expect(envelope).toEqual({ error: { message: 'Some "text"\n', type, param: null, code: status } });
  });

  it('names the field', () => {
    const envelope = JSON.parse(encodeError(new NexusError('invalid_request', 'x', { param: 'messages[0].role' })));
    expect(envelope.error.param).toBe('messages[0].role');
  });

  it('is one frame in a stream, whatever the message holds', () => {
    const frame = encodeErrorEvent(new NexusError('upstream_failed', 'a\n\ndata: [DONE]\r\n'));
    expect(frame.startsWith('data: {')).toBe(true);
    expect(frame.indexOf('\n')).toBe(frame.length - 2);
    expect(JSON.parse(frame.slice('data: '.length)).error.message).toBe('a\n\ndata: [DONE]\r\n');
  });
});

describe('decodeError', () => {
  it.each([
    [{ error: { message: 'm', type: 't', param: null, code: 'c' } }, { message: 'm', code: 'c' }],
    [{ error: { message: 'm', type: 't', code: null } }, { message: 'm', code: 't' }],
    [{ error: { message: 'm', code: 429 } }, { message: 'm', code: '429' }],
    [{ error: { message: 'm', code: '', type: {} } }, { message: 'm' }],
    [{ error: 'no such model' }, { message: 'no such model' }],
    [
      { code: 'not-found', error: 'no such model' },
      { message: 'no such model', code: 'not-found' },
    ],
    [{ code: {}, error: 'no such model' }, { message: 'no such model' }],
    [{ message: 'm' }, { message: 'm', bare: true }],
    [
      { id: 'x', message: 'm', code: 404 },
      { message: 'm', code: '404', bare: true },
    ],
    [
      { object: 'error', message: 'm', type: 'invalid_model', code: '1500' },
      { message: 'm', code: '1500', bare: true },
    ],
  ])('reads %j', (body, expected) => {
    expect(decodeError(body)).toEqual(expected);
  });

  it.each([
    [null],
    ['error'],
    [[]],
    [{}],
    [{ error: null }],
    [{ error: '' }],
    [{ error: {} }],
    [{ error: { message: 3 } }],
  ])('is not an envelope: %j', (body) => {
    expect(decodeError(body)).toBeUndefined();
  });
});
