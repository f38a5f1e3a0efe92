// `error.type` of spans and metrics: a few words that mean the same for every provider and server.
import type { ErrorCode } from '../../errors/codes.ts';

const OF_CODES: Partial<Record<ErrorCode, string>> = {
  key_missing: 'authentication_failed',
  token_invalid: 'authentication_failed',
  insufficient_scope: 'authentication_failed',
  upstream_auth: 'authentication_failed',
  rate_limited: 'rate_limit_exceeded',
  upstream_rate_limited: 'rate_limit_exceeded',
  internal: 'internal_error',
  upstream_rejected: 'provider_api_error',
  upstream_failed: 'provider_api_error',
  upstream_invalid: 'provider_api_error',
  stream_truncated: 'provider_api_error',
  upstream_unavailable: 'connection_error',
  upstream_timeout: 'connection_error',
};

/** Codes without a more general word are words themselves: `invalid_request`, `model_not_found`, `client_closed`. */
export function llmErrorType(code: ErrorCode, isQuota = false): string {
  return isQuota ? 'insufficient_quota' : (OF_CODES[code] ?? code);
}

const OF_JSON_RPC: ReadonlyMap<number, string> = new Map([
  [-32700, 'parse_error'],
  [-32600, 'invalid_request'],
  [-32601, 'method_not_found'],
  [-32602, 'invalid_params'],
  [-32603, 'internal_error'],
  [-32000, 'rate_limit_exceeded'],
]);

/** A tool that says itself that it failed has no code. */
export function mcpErrorType(code: number | undefined): string {
  if (code === undefined) return 'tool_error';
  const known = OF_JSON_RPC.get(code);
  return known ?? (code >= -32099 && code < -32000 ? 'server_error' : 'unknown');
}
