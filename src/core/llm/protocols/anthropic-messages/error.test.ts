import { describe, expect, it } from 'vitest';
import { NexusError } from '../../../errors/nexus-error.ts';
import { decodeError, encodeError, encodeErrorEvent } from './error.ts';

describe('decodeError', () => {
  it('reads the envelope', () => {
    const body = { type: 'error', error: { type: 'not_found_error', message: 'model: x' }, request_id: 'req_1' };
    expect(decodeError(body)).toEqual({ message: 'model: x', code: 'not_found_error' });
    expect(decodeError({ error: { message: 'm' } })).toEqual({ message: 'm' });
  });

  it.each([[null], ['x'], [[]], [{}], [{ error: 'x' }], [{ error: {} }], [{ error: { message: 1 } }]])(
    'is not an envelope: %j',
    (body) => {
      expect(decodeError(body)).toBeUndefined();
    },
  );
});

describe('encodeError', () => {
  it.each([
    [400, 'invalid_request_error'],
    [401, 'authentication_error'],
    [402, 'billing_error'],
    [403, 'permission_error'],
    [404, 'not_found_error'],
    [405, 'invalid_request_error'],
    [413, 'request_too_large'],
    [429, 'rate_limit_error'],
    [500, 'api_error'],
    [502, 'api_error'],
    [503, 'overloaded_error'],
    [504, 'timeout_error'],
    [529, 'overloaded_error'],
  ])('says %i as %s', (status, type) => {
    const error = new NexusError('internal', 'say "no"\n', { status });
    const envelope = { type: 'error', error: { type, message: 'say "no"\n' }, request_id: 'r-1' };
    expect(JSON.parse(encodeError(error, 'r-1'))).toEqual(envelope);
    expect(JSON.parse(encodeError(error))).toEqual({ ...envelope, request_id: null });
    expect(encodeErrorEvent(error, 'r-1')).toBe(`event: error\ndata: ${JSON.stringify(envelope)}\n\n`);
  });
});
