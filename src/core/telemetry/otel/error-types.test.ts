import { describe, expect, it } from 'vitest';
import { llmErrorType, mcpErrorType } from './error-types.ts';

describe('llmErrorType', () => {
  it.each([
    ['invalid_request', 'invalid_request'],
    ['upstream_auth', 'authentication_failed'],
    ['key_missing', 'authentication_failed'],
    ['model_not_found', 'model_not_found'],
    ['rate_limited', 'rate_limit_exceeded'],
    ['upstream_rate_limited', 'rate_limit_exceeded'],
    ['internal', 'internal_error'],
    ['upstream_failed', 'provider_api_error'],
    ['upstream_unavailable', 'connection_error'],
    ['upstream_timeout', 'connection_error'],
    ['client_closed', 'client_closed'],
  ] as const)('%s is %s', (code, type) => {
    expect(llmErrorType(code)).toBe(type);
  });

  it('knows an account without money', () => {
    expect(llmErrorType('upstream_rate_limited', true)).toBe('insufficient_quota');
  });
});

describe('mcpErrorType', () => {
  it.each([
    [-32700, 'parse_error'],
    [-32600, 'invalid_request'],
    [-32601, 'method_not_found'],
    [-32602, 'invalid_params'],
    [-32603, 'internal_error'],
    [-32000, 'rate_limit_exceeded'],
    [-32001, 'server_error'],
    [-32099, 'server_error'],
    [-32100, 'unknown'],
    [7, 'unknown'],
    [undefined, 'tool_error'],
  ])('%s is %s', (code, type) => {
    expect(mcpErrorType(code)).toBe(type);
  });
});
