/** One row of the error table. */
export interface ErrorRule {
  /** HTTP status of the answer. */
  readonly status: number;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
}

/**
 * Every way a call can fail. The code travels in the `X-Nexus-Error` header and in `NexusError.code`; it is the same
 * in all dialects. Codes whose status depends on the upstream name the usual one here.
 */
export const ERROR_RULES = {
  invalid_request: { status: 400, retryable: false },
  /** What was asked for exists, but no target can do what the request wants of it. */
  no_capable_target: { status: 400, retryable: false },
  /** The request does not say who calls, where it must. */
  missing_client_id: { status: 400, retryable: false },
  /** The caller's group is none of those there are. */
  invalid_group: { status: 400, retryable: false },
  key_missing: { status: 401, retryable: false },
  /** The caller's token cannot be accepted. */
  token_invalid: { status: 401, retryable: false },
  /** The caller's token is good and does not reach this far. */
  insufficient_scope: { status: 403, retryable: false },
  model_not_found: { status: 404, retryable: false },
  /** No tool of that name, or none the caller may use. */
  tool_not_found: { status: 404, retryable: false },
  no_route: { status: 404, retryable: false },
  method_not_allowed: { status: 405, retryable: false },
  payload_too_large: { status: 413, retryable: false },
  unsupported_media_type: { status: 415, retryable: false },
  /** More than a configured limit admits. */
  rate_limited: { status: 429, retryable: true },
  client_closed: { status: 499, retryable: false },
  internal: { status: 500, retryable: false },
  /** The keys that tokens are checked with cannot be had. */
  key_set_unavailable: { status: 500, retryable: true },
  shutting_down: { status: 503, retryable: true },
  /** What must be counted cannot be counted. */
  store_unavailable: { status: 503, retryable: true },
  /** The upstream refused the request itself (400, 404, 409, 413, 422): status and message are its own. */
  upstream_rejected: { status: 400, retryable: false },
  upstream_rate_limited: { status: 429, retryable: true },
  /** The upstream failed while answering (its 500). */
  upstream_failed: { status: 500, retryable: true },
  /** The upstream refused our credentials; the caller can do nothing about it. */
  upstream_auth: { status: 502, retryable: false },
  /** The upstream said success and sent something that cannot be read. */
  upstream_invalid: { status: 502, retryable: true },
  upstream_unavailable: { status: 502, retryable: true },
  /** A stream ended before its protocol's end. */
  stream_truncated: { status: 502, retryable: true },
  upstream_timeout: { status: 504, retryable: true },
  /** The configuration cannot be used; thrown by `createNexus` and `loadConfig`, never an answer. */
  config_invalid: { status: 500, retryable: false },
} as const satisfies Record<string, ErrorRule>;

export type ErrorCode = keyof typeof ERROR_RULES;
