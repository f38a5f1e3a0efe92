// One operation of an MCP client, from its beginning into the record of the request that brought it. Names are noted
// once a catalogue has confirmed them: what a client made up stays out of records.
import { type McpOperation, openOperation } from '../../exchange/mcp-operation.ts';
import type { RequestRecord } from '../../exchange/record.ts';
import { traceparent } from '../../exchange/trace.ts';
import type { CallContext } from '../caller.ts';
import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { CODES } from '../wire/revision.ts';

/** Runs an operation. Where its request has a record, that says how it went, and servers are told of the operation's span. */
export function observed<Result extends object>(
  method: string,
  call: CallContext,
  elapsed: () => number,
  run: (call: CallContext) => Promise<Result>,
): Promise<Result> {
  const { record } = call;
  if (record === undefined) return run(call);
  return observe(record, method, elapsed, (operation) => {
    const trace = tellServers(record, operation);
    return run({ ...call, observed: { record, operation, elapsed }, trace });
  });
}

/** Writes down how an operation went. */
async function observe<Result extends object>(
  record: RequestRecord,
  method: string,
  elapsed: () => number,
  run: (operation: McpOperation) => Promise<Result>,
): Promise<Result> {
  const begun = elapsed();
  const operation = openOperation(method, begun - record.begunAt);
  try {
    const result = await run(operation);
    operation.isToolError = 'isError' in result && result.isError === true;
    return result;
  } catch (error) {
    operation.errorCode = error instanceof JsonRpcError ? error.code : CODES.internal;
    throw error;
  } finally {
    operation.durationMs = elapsed() - begun;
    record.operations = [...record.operations, operation];
  }
}

function tellServers({ trace }: RequestRecord, operation: McpOperation): CallContext['trace'] {
  operation.spanId = trace?.depart('operation', operation.startMs);
  if (trace === undefined || operation.spanId === undefined) return undefined;
  const { state } = trace;
  return {
    traceparent: traceparent(trace, operation.spanId),
    ...(state === undefined ? {} : { tracestate: state }),
  };
}

/** The same for one of several calls that a client makes at once. */
export function observeRun(call: CallContext, run: (context: CallContext) => Promise<JsonObject>): Promise<JsonObject> {
  const { observed } = call;
  if (observed === undefined) return run(call);
  return observe(observed.record, 'tools/call', observed.elapsed, (operation) => {
    operation.isExecuted = true;
    operation.toolType = 'unknown';
    return run({ ...call, observed: { ...observed, operation } });
  });
}

/** A call of `search` or `execute`, or of a name we do not have. */
export function noteOwnTool({ observed }: CallContext, name: string): void {
  if (observed === undefined) return;
  const { operation } = observed;
  const isKnown = name === 'search' || name === 'execute';
  operation.tool = isKnown ? name : undefined;
  operation.toolType = isKnown ? 'builtin' : 'unknown';
}

export function noteSearch({ observed }: CallContext, keywords: number, results: number): void {
  if (observed === undefined) return;
  observed.operation.keywordCount = keywords;
  observed.operation.resultCount = results;
}

/** A tool that its server lists, under the name it has there. */
export function noteTool({ observed }: CallContext, server: string, tool: string | undefined): void {
  if (observed === undefined) return;
  const { operation } = observed;
  operation.isExecuted ||= operation.tool === 'execute';
  operation.server = server;
  operation.tool = tool;
  operation.toolType = tool === undefined ? 'unknown' : 'downstream';
}

export function notePrompt({ observed }: CallContext, server: string, prompt: string | undefined): void {
  if (observed === undefined) return;
  observed.operation.server = server;
  observed.operation.prompt = prompt;
}

/** A resource that is read: its server, and its URI where that can be no secret. */
export function noteResource({ observed }: CallContext, server: string, uri: string): void {
  if (observed === undefined) return;
  observed.operation.server = server;
  if (uri.startsWith('tool://') || uri.startsWith('prompt://')) observed.operation.resource = uri;
}
