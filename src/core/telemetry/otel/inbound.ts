// Where a caller's trace is read from its headers. What is not valid is as if it were not there.
import type { Exchange } from '../../exchange/exchange.ts';

/** A place in a trace that somebody else began. */
export interface Inbound {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  /** The text of `tracestate`. */
  readonly state: string | undefined;
}

/** `traceparent` where it is valid, else `X-Amzn-Trace-Id` where that is read. */
export function inboundTrace(exchange: Exchange, readsXray: boolean): Inbound | undefined {
  const given = exchange.header('traceparent');
  const parent = given === undefined ? undefined : parseTraceparent(given);
  if (parent !== undefined) return { ...parent, state: exchange.header('tracestate') };
  const xray = readsXray ? exchange.header('x-amzn-trace-id') : undefined;
  return xray === undefined ? undefined : parseXray(xray);
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

/** W3C Trace Context, section 3.2: later versions are read as far as they are like the first. */
export function parseTraceparent(value: string): Inbound | undefined {
  const [, version, traceId, spanId, flags, rest] = TRACEPARENT.exec(value.trim()) ?? [];
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  return inbound(traceId, spanId, Number.parseInt(flags ?? '', 16) & 1);
}

const LONGEST_XRAY = 1000;

/** `Root=1-<8 hex>-<24 hex>;Parent=<16 hex>;Sampled=<0 or 1>`, in any order, others between them. */
export function parseXray(value: string): Inbound | undefined {
  if (value.length > LONGEST_XRAY) return undefined;
  const fields = new Map<string, string>();
  for (const field of value.split(';')) {
    const at = field.indexOf('=');
    if (at > 0) fields.set(field.slice(0, at).trim(), field.slice(at + 1).trim());
  }
  const [, time, unique] = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/i.exec(fields.get('Root') ?? '') ?? [];
  const parent = /^[0-9a-f]{16}$/i.exec(fields.get('Parent') ?? '')?.[0];
  const sampled = fields.get('Sampled');
  if (time === undefined || unique === undefined || (sampled !== '0' && sampled !== '1')) return undefined;
  return inbound(`${time}${unique}`.toLowerCase(), parent?.toLowerCase(), Number(sampled));
}

function inbound(traceId: string | undefined, spanId: string | undefined, traceFlags: number): Inbound | undefined {
  if (traceId === undefined || spanId === undefined || traceId === NO_TRACE || spanId === NO_SPAN) return undefined;
  return { traceId, spanId, traceFlags, state: undefined };
}
