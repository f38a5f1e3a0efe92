import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../errors/codes.ts';
import { NexusError, type NexusErrorOptions } from '../../errors/nexus-error.ts';
import { failureClass } from './failure-class.ts';

const failed = (code: ErrorCode, message = 'm', options: NexusErrorOptions = {}) =>
  new NexusError(code, message, options);

describe('failureClass', () => {
  it.each<[string, NexusError, number]>([
    ['network', failed('upstream_unavailable'), 0],
    ['network', failed('upstream_unavailable'), 200],
    ['server', failed('upstream_unavailable', 'busy', { upstreamCode: 'overloaded_error' }), 200],
    ['server', failed('upstream_unavailable'), 503],
    ['server', failed('upstream_unavailable'), 529],
    ['quota', failed('upstream_unavailable'), 402],
    ['invalid', failed('upstream_unavailable'), 415],
    ['timeout', failed('upstream_timeout'), 0],
    ['timeout', failed('upstream_timeout'), 504],
    ['rate_limit', failed('upstream_rate_limited', 'slow down', { upstreamCode: 'rate_limit_exceeded' }), 429],
    ['quota', failed('upstream_rate_limited', 'pay', { upstreamCode: 'insufficient_quota' }), 429],
    ['server', failed('upstream_failed'), 500],
    ['server', failed('upstream_invalid'), 200],
    ['server', failed('stream_truncated'), 200],
    ['auth', failed('upstream_auth'), 401],
    ['auth', failed('key_missing'), 0],
    ['missing_model', failed('upstream_rejected', 'no', { status: 404 }), 404],
    ['missing_model', failed('upstream_rejected', 'no', { status: 400, upstreamCode: 'model_not_found' }), 400],
    ['context_length', failed('upstream_rejected', 'x', { status: 400, upstreamCode: 'context_length_exceeded' }), 400],
    ['context_length', failed('upstream_rejected', 'prompt is too long: 210000 tokens > 200000', { status: 400 }), 400],
    ['content_policy', failed('upstream_rejected', 'x', { status: 400, upstreamCode: 'content_filter' }), 400],
    ['invalid', failed('upstream_rejected', 'temperature must be a number', { status: 400 }), 400],
    ['invalid', failed('upstream_rejected', 'your key', { status: 401 }), 401],
    ['incapable', failed('invalid_request'), 0],
    ['incapable', failed('no_capable_target'), 0],
    ['cancelled', failed('client_closed'), 0],
    ['cancelled', failed('shutting_down'), 200],
    ['invalid', failed('internal'), 0],
  ])('%s', (expected, error, status) => {
    expect(failureClass(error, status)).toBe(expected);
  });
});
