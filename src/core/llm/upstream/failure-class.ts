import type { NexusError } from '../../errors/nexus-error.ts';
import type { FailureClass } from '../../exchange/attempt-record.ts';

const QUOTA = /insufficient_quota|billing|credit|payment|quota_exceeded|exceeded_current_quota/i;
const CONTEXT =
  /context_length|context window|maximum context|prompt is too long|too many (?:input )?tokens|input is too long|input token count|string_above_max_length|exceeds the (?:maximum|context)|max_prompt_tokens/i;
const POLICY =
  /content_policy|content_filter|content management policy|responsible_?ai|safety|moderation_blocked|invalid_prompt/i;
const MODEL = /model_not_found|model not found|does not exist|unknown model|not_found_error/i;

/** `status` is the HTTP status the provider answered with; 0 when it sent no head. */
export function failureClass(error: NexusError, status: number): FailureClass {
  switch (error.code) {
    case 'client_closed':
    case 'shutting_down':
      return 'cancelled';
    case 'upstream_timeout':
      return 'timeout';
    case 'upstream_auth':
      return 'auth';
    case 'key_missing':
      return 'auth';
    case 'upstream_rate_limited':
      return QUOTA.test(error.upstreamCode ?? '') ? 'quota' : 'rate_limit';
    case 'upstream_unavailable':
      return unavailable(error, status);
    case 'upstream_rejected':
      return rejected(error);
    case 'upstream_failed':
    case 'upstream_invalid':
    case 'stream_truncated':
      return 'server';
    case 'invalid_request':
    case 'no_capable_target':
      return 'incapable';
    default:
      return 'invalid';
  }
}

/** No answer, a broken one (the head said success), or a status that has no meaning of its own to clients. */
function unavailable(error: NexusError, status: number): FailureClass {
  if (status === 402) return 'quota';
  if (status >= 500) return 'server';
  if (status >= 400) return 'invalid';
  // An error event inside a stream says what it is; everything else is the connection.
  return status !== 0 && error.upstreamCode !== undefined ? 'server' : 'network';
}

function rejected({ status, upstreamCode = '', message }: NexusError): FailureClass {
  if (status === 404) return 'missing_model';
  if (status !== 400 && status !== 413 && status !== 422) return 'invalid';
  const said = `${upstreamCode} ${message}`;
  if (CONTEXT.test(said)) return 'context_length';
  if (POLICY.test(said)) return 'content_policy';
  return status === 400 && MODEL.test(upstreamCode) ? 'missing_model' : 'invalid';
}
