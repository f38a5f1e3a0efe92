// One line per request, made of its record: no prompt, no argument, no credential stands in one.
import { ERROR_RULES } from '../errors/codes.ts';
import type { McpOperation } from '../exchange/mcp-operation.ts';
import type { RequestRecord } from '../exchange/record.ts';
import { traceFields } from '../exchange/trace.ts';
import type { Logger } from '../runtime/logger.ts';

/** Names that callers choose are cut here: a line stays a line. */
const LONGEST_NAME = 200;

export function logRequest(logger: Logger, record: Readonly<RequestRecord>): void {
  const { status, error } = record;
  const isOurs = status >= 500 || (error !== undefined && ERROR_RULES[error].status >= 500);
  if (isOurs) logger.error('Request failed', fieldsOf(record));
  else logger.info(error === undefined ? 'Request answered' : 'Request not answered', fieldsOf(record));
}

/** Members without a value are left out. */
function fieldsOf(record: Readonly<RequestRecord>): Record<string, unknown> {
  const { usage, totalNanoUsd, operations, attempts, firstContentMs } = record;
  const fields: Readonly<Record<string, unknown>> = {
    requestId: record.id,
    endpoint: record.endpoint,
    status: record.status,
    error: record.error,
    client: cut(record.clientId),
    group: cut(record.clientGroup),
    route: record.route,
    provider: record.provider,
    model: cut(record.model),
    stream: record.stream || undefined,
    inputTokens: usage?.input,
    outputTokens: usage?.output,
    usage: usage === undefined ? undefined : record.usageSource,
    costUsd: totalNanoUsd === undefined ? undefined : totalNanoUsd / 1e9,
    firstContentMs: rounded(firstContentMs),
    durationMs: rounded(record.durationMs),
    attempts: attempts.length === 0 ? undefined : attempts.length,
    ...traceFields(record.trace),
    operations: operations.length === 0 ? undefined : operations.map(operationName),
  };
  const told: Record<string, unknown> = {};
  for (const name in fields) if (fields[name] !== undefined) told[name] = fields[name];
  return told;
}

function operationName({ method, server, tool }: McpOperation): string {
  const name = [server, tool].filter((part) => part !== undefined).join('/');
  return name === '' ? method : `${method} ${cut(name)}`;
}

function cut(text: string | undefined): string | undefined {
  return text === undefined || text.length <= LONGEST_NAME ? text : `${text.slice(0, LONGEST_NAME)}…`;
}

/** To the tenth of a millisecond. */
function rounded(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : Math.round(milliseconds * 10) / 10;
}
