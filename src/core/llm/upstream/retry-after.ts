import type { UpstreamHeaders } from '../../http/transport.ts';

/**
 * When a provider wants to be called again, in milliseconds from `now` (Unix milliseconds); `undefined` when it does not
 * say. `retry-after-ms` and `x-ms-retry-after-ms` go before `retry-after`, which has seconds or an HTTP date (RFC 9110,
 * 10.2.3). What lies in the past is 0; what cannot be read counts as not said.
 */
export function retryAfter(headers: UpstreamHeaders, now: number): number | undefined {
  const exact = milliseconds(headers['retry-after-ms']) ?? milliseconds(headers['x-ms-retry-after-ms']);
  if (exact !== undefined) return exact;
  const value = text(headers['retry-after']);
  if (value === undefined) return undefined;
  if (/^\d+(?:\.\d+)?$/.test(value)) return Number(value) * 1000;
  // A bare number or anything shorter is no date, whatever the platform makes of it.
  const at = /[A-Za-z]{3}/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

function milliseconds(header: UpstreamHeaders[string]): number | undefined {
  const value = text(header);
  return value !== undefined && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : undefined;
}

function text(header: UpstreamHeaders[string]): string | undefined {
  const value = typeof header === 'string' ? header : header?.[0];
  return value?.trim();
}
