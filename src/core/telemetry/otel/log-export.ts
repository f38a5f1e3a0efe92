// Log lines, to the application's logger as ever and to OpenTelemetry besides.
import type { Context } from '@opentelemetry/api';
import type { Logger as LogSink } from '@opentelemetry/api-logs';
import type { Logger } from '../../runtime/logger.ts';
import type { TraceApi } from './request-trace.ts';

type Level = keyof Logger;
type Fields = Readonly<Record<string, unknown>>;

/** Severities of the data model of OpenTelemetry's logs. */
const SEVERITIES: Readonly<Record<Level, number>> = { debug: 5, info: 9, warn: 13, error: 17 };

/** What a line's context says. */
const IN_CONTEXT: ReadonlySet<string> = new Set(['traceId', 'spanId', 'traceSampled']);

/** Sends a line; `fields.traceId` and `fields.spanId` say which request it belongs to. */
export function exportLine(sink: LogSink, api: TraceApi, level: Level, message: string, fields: Fields = {}): void {
  const { traceId, spanId, traceSampled } = fields;
  const attributes: Record<string, string | number | boolean> = {};
  for (const name in fields) if (!IN_CONTEXT.has(name)) addField(attributes, name, fields[name]);
  sink.emit({
    severityNumber: SEVERITIES[level],
    severityText: level.toUpperCase(),
    body: message,
    attributes,
    ...(typeof traceId === 'string' && typeof spanId === 'string'
      ? { context: contextOf(api, traceId, spanId, traceSampled === true) }
      : {}),
  });
}

function contextOf(api: TraceApi, traceId: string, spanId: string, isSampled: boolean): Context {
  const { SAMPLED, NONE } = api.TraceFlags;
  return api.trace.setSpanContext(api.ROOT_CONTEXT, { traceId, spanId, traceFlags: isSampled ? SAMPLED : NONE });
}

/** An error's message may repeat what somebody sent; its kind and its place in the code do not. */
function addField(attributes: Record<string, string | number | boolean>, name: string, value: unknown): void {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') attributes[name] = value;
  else if (value instanceof Error) {
    attributes['exception.type'] = value.name;
    const frames = value.stack?.split('\n').filter((line) => /^\s+at /.test(line));
    if (frames !== undefined && frames.length > 0) attributes['exception.stacktrace'] = frames.join('\n');
  } else if (value !== undefined && value !== null) attributes[name] = JSON.stringify(value) ?? '';
}
