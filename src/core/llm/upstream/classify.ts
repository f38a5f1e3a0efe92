import type { ErrorCode } from '../../errors/codes.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import { clientHeaders } from '../../http/response-headers.ts';
import type { UpstreamHeaders } from '../../http/transport.ts';
import type { UpstreamErrorBody } from '../protocols/protocol.ts';
import type { Delivery } from './delivery.ts';

const TEXT_LIMIT = 2000;

/** What became of an upstream's refusal for the client: its status, our code, and the wording in front of its message. */
interface Verdict {
  readonly code: ErrorCode;
  readonly status: number;
  readonly wording: (text: string) => string;
  /** The message is for us, not for the client: it talks about our credentials or our connection. */
  readonly masked?: string;
}

const asIs = (text: string): string => text;

function judge(status: number, forwarded: boolean): Verdict {
  if (forwarded && status === 401)
    return { code: 'upstream_rejected', status, wording: (text) => `Authentication failed: ${text}` };
  if (forwarded && status === 403)
    return { code: 'upstream_rejected', status, wording: (text) => `Insufficient quota: ${text}` };
  switch (status) {
    case 400:
      return { code: 'upstream_rejected', status, wording: (text) => `Invalid request: ${text}` };
    case 404:
    case 409:
    case 413:
    case 422:
      return { code: 'upstream_rejected', status, wording: asIs };
    case 401:
    case 403:
      return {
        code: 'upstream_auth',
        status: 502,
        wording: asIs,
        masked: "The provider refused this gateway's API key",
      };
    case 429:
      return { code: 'upstream_rate_limited', status, wording: (text) => `Rate limit exceeded: ${text}` };
    case 408:
    case 504:
      return { code: 'upstream_timeout', status: 504, wording: (text) => `Provider API error (${status}): ${text}` };
    case 500:
      return { code: 'upstream_failed', status, wording: asIs };
    default:
      return {
        code: 'upstream_unavailable',
        status: 502,
        wording: (text) => `Provider API error (${status}): ${text}`,
      };
  }
}

/** Codes of vendors that answer a wrong key with a status of another meaning. */
const KEY_REFUSALS = new Set(['API_KEY_INVALID', 'IncompleteSignatureException', 'ExpiredTokenException']);

/** xAI has no code for it: its 400 says what is wrong in words. */
const KEY_REFUSED = /^Incorrect API key provided/;

function refusesKey(status: number, error: UpstreamErrorBody | undefined): boolean {
  if (error?.code !== undefined && KEY_REFUSALS.has(error.code)) return true;
  return status === 400 && error !== undefined && KEY_REFUSED.test(error.message);
}

/** What the call knew that got the answer. */
export interface Asked {
  readonly delivery: Delivery;
  /** The key that was sent: it never leaves. */
  readonly secret: string;
  /** The key was the caller's own. */
  readonly forwarded: boolean;
}

/** An upstream's error answer → the error its caller gets. */
export function classifyAnswer(
  status: number,
  headers: UpstreamHeaders,
  bytes: Buffer,
  { delivery, secret, forwarded }: Asked,
): NexusError {
  const decoded = decode(bytes, delivery);
  const verdict = judge(refusesKey(status, decoded) ? 401 : status, forwarded);
  const text = redact((decoded?.message ?? plainText(bytes)) || 'the provider gave no reason', secret);
  const untouched =
    delivery.sameDialect &&
    decoded !== undefined &&
    decoded.bare !== true &&
    verdict.status === status &&
    (secret === '' || !bytes.includes(secret));
  return new NexusError(verdict.code, verdict.masked ?? verdict.wording(text), {
    status: verdict.status,
    headers: clientHeaders(headers),
    ...(decoded?.code === undefined || verdict.masked !== undefined ? {} : { upstreamCode: decoded.code }),
    ...(untouched ? { upstreamBody: bytes } : {}),
  });
}

/** A call that got no answer. The cause stays inside: it may name hosts and ports. */
export function classifyFailure(error: unknown): NexusError {
  // A transport of a provider's own may know better.
  if (NexusError.is(error)) return error;
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'HTTP_CONNECT_TIMEOUT') {
    return new NexusError('upstream_timeout', 'Connection error: the provider did not accept the connection in time', {
      cause: error,
    });
  }
  const text = typeof code === 'string' ? (FAILURES.get(code) ?? 'the connection failed') : 'the connection failed';
  return new NexusError('upstream_unavailable', `Connection error: ${text}`, { cause: error });
}

const FAILURES = new Map([
  ['ECONNREFUSED', 'the provider refused the connection'],
  ['ECONNRESET', 'the provider reset the connection'],
  ['HTTP_CLOSED', 'the provider closed the connection'],
  ['HTTP_INVALID', "the provider's answer is not HTTP"],
  ['ENOTFOUND', "the provider's name could not be resolved"],
  ['EAI_AGAIN', "the provider's name could not be resolved"],
]);

function decode(bytes: Buffer, delivery: Delivery) {
  try {
    return delivery.decodeError(JSON.parse(bytes.toString('utf8')));
  } catch {
    return undefined;
  }
}

/** A body that is not the dialect's JSON: readable text is passed on, markup is not. */
function plainText(bytes: Buffer): string {
  const text = bytes.toString('utf8', 0, TEXT_LIMIT).trim();
  return text.startsWith('<') ? '' : text;
}

function redact(text: string, secret: string): string {
  const short = text.slice(0, TEXT_LIMIT);
  return secret.length >= 8 ? short.replaceAll(secret, '[redacted]') : short;
}
