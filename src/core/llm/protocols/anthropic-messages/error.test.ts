import { describe, expect, it } from 'vitest';
import { decodeError } from './error.ts';

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
