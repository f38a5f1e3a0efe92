// One operation of an MCP client, from its beginning into the record of the HTTP request that brought it. Names are noted
// once a catalogue has confirmed them: what a client made up stays out of records.
import { type McpOperation, openOperation } from '../../exchange/mcp-operation.ts';
import type { RequestRecord } from '../../exchange/record.ts';
import type { CallContext } from '../caller.ts';
import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { CODES } from '../wire/revision.ts';

/** Runs an operation and writes down how it went. */
export async function observe(
  record: RequestRecord,
  method: string,
  elapsed: () => number,
  run: (operation: McpOperation) => Promise<JsonObject>,
): Promise<JsonObject> {
  const begun = elapsed();
  const operation = openOperation(method, begun - record.begunAt);
  try {
    const result = await run(operation);
    operation.isToolError = result['isError'] === true;
    return result;
  } catch (error) {
    operation.errorCode = error instanceof JsonRpcError ? error.code : CODES.internal;
    throw error;
  } finally {
    operation.durationMs = elapsed() - begun;
    record.operations = [...record.operations, operation];
  }
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
