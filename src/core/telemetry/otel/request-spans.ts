// A sealed record → the spans of its request. Holds to what a record holds: no prompt, answer, argument or credential.
import type { Attributes } from '@opentelemetry/api';
import type { AttemptRecord } from '../../exchange/attempt-record.ts';
import type { McpOperation } from '../../exchange/mcp-operation.ts';
import type { RequestRecord } from '../../exchange/record.ts';
import type { StoreCommand } from '../../exchange/store-command.ts';
import { llmErrorType, mcpErrorType } from './error-types.ts';
import { type ModelOperation, modelOperation } from './operation-kind.ts';
import type { RequestTrace } from './request-trace.ts';

/** Writes all spans of a request that is over; `route` is the pattern it was served at, if it came over HTTP. */
export function writeSpans(trace: RequestTrace, record: Readonly<RequestRecord>, route: string): void {
  // Spans that are not recorded have no end.
  if (!trace.isRecording) return;
  const { durationMs, endpoint, error, method, status } = record;
  const operation = modelOperation(endpoint);
  if (operation !== undefined) writeModelCall(trace, record, operation);
  for (const one of record.operations) writeMcpOperation(trace, record, one);
  for (const command of record.storeCommands) writeStoreCommand(trace, command);
  const failed = status >= 500 || (error !== undefined && status < 400);
  const attributes = {
    ...(method === '' ? {} : { 'http.route': route, 'http.response.status_code': status }),
    ...clientOf(record),
    ...(status >= 400 || error !== undefined ? { error: true } : {}),
    ...(error === undefined ? {} : { 'error.type': error }),
  };
  trace.end(method === '' ? endpoint : `${method} ${route}`, attributes, failed, durationMs);
}

export function clientOf({ clientId, clientGroup }: Readonly<RequestRecord>): Attributes {
  return {
    ...(clientId === undefined ? {} : { 'client.id': clientId }),
    ...(clientGroup === undefined ? {} : { 'client.group': clientGroup }),
  };
}

const LONGEST_NAME = 200;

/** The model as the client named it; a name that led to no provider may be anything, and is not repeated. */
export function requestedModel({ provider, requestedModel: model }: Readonly<RequestRecord>): string {
  return model === undefined || provider === undefined ? 'unknown' : model.slice(0, LONGEST_NAME);
}

export function errorTypeOf({ attempts, error }: Readonly<RequestRecord>): string | undefined {
  return error === undefined ? undefined : llmErrorType(error, attempts.at(-1)?.failure === 'quota');
}

function writeModelCall(trace: RequestTrace, record: Readonly<RequestRecord>, { name, span }: ModelOperation): void {
  const { attempts, durationMs, error, stream } = record;
  const call = trace.writeCall({
    name: stream && name === 'chat.completions' ? `${span}_stream` : span,
    kind: 'internal',
    startMs: attempts[0]?.startMs ?? 0,
    endMs: durationMs,
    attributes: { 'gen_ai.system': 'nexus.llm', 'gen_ai.operation.name': name, ...modelAttributes(record, name) },
    failed: error !== undefined,
  });
  for (const attempt of attempts) {
    const facts = {
      name: 'llm:attempt',
      kind: 'client',
      startMs: attempt.startMs,
      endMs: attempt.startMs + attempt.durationMs,
      attributes: attemptAttributes(attempt),
      failed: attempt.failure !== undefined,
    } as const;
    trace.write(facts, call, attempt.spanId);
  }
}

function modelAttributes(record: Readonly<RequestRecord>, name: ModelOperation['name']): Attributes {
  const { attempts, finishReason, parameters, provider, responseModel, route, stream, usage, usageSource } = record;
  const errorType = errorTypeOf(record);
  const attributes: Attributes = { ...clientOf(record), ...(errorType && { error: true, 'error.type': errorType }) };
  if (name === 'list_models') return attributes;
  attributes['gen_ai.request.model'] = requestedModel(record);
  attributes['llm.stream'] = stream;
  attributes['llm.auth_forwarded'] = attempts.at(-1)?.forwarded ?? false;
  if (provider !== undefined) attributes['gen_ai.provider.name'] = provider;
  if (route !== undefined) attributes['nexus.route'] = route;
  if (responseModel !== undefined) attributes['gen_ai.response.model'] = responseModel.slice(0, LONGEST_NAME);
  if (finishReason !== undefined) attributes['gen_ai.response.finish_reason'] = finishReason;
  if (parameters !== undefined) {
    const { maxTokens, temperature, toolCount } = parameters;
    if (maxTokens !== undefined) attributes['gen_ai.request.max_tokens'] = maxTokens;
    if (temperature !== undefined) attributes['gen_ai.request.temperature'] = temperature;
    attributes['gen_ai.request.has_tools'] = toolCount > 0;
    attributes['gen_ai.request.tool_count'] = toolCount;
  }
  if (usage !== undefined) {
    attributes['gen_ai.usage.input_tokens'] = usage.input;
    attributes['gen_ai.usage.output_tokens'] = usage.output;
    attributes['gen_ai.usage.total_tokens'] = usage.input + usage.output;
    attributes['nexus.usage.source'] = usageSource;
  }
  return attributes;
}

function attemptAttributes({ failure, model, provider, sent, status }: AttemptRecord): Attributes {
  return {
    'gen_ai.provider.name': provider,
    'gen_ai.request.model': model.slice(0, LONGEST_NAME),
    'nexus.attempt.sent': sent,
    ...(status === 0 ? {} : { 'http.response.status_code': status }),
    ...(failure === undefined ? {} : { error: true, 'error.type': failure }),
  };
}

function writeMcpOperation(trace: RequestTrace, record: Readonly<RequestRecord>, operation: McpOperation): void {
  const { durationMs, errorCode, isToolError, method, startMs, spanId } = operation;
  const failed = errorCode !== undefined || isToolError;
  const attributes: Attributes = { 'mcp.method': method, ...clientOf(record), ...mcpAttributes(operation) };
  if (failed) {
    attributes['error'] = true;
    attributes['error.type'] = mcpErrorType(errorCode);
    if (errorCode !== undefined) attributes['mcp.error.code'] = errorCode;
  }
  const kind = operation.server === undefined ? 'internal' : 'client';
  trace.write({ name: method, kind, startMs, endMs: startMs + durationMs, attributes, failed }, undefined, spanId);
}

function mcpAttributes(operation: McpOperation): Attributes {
  const { forwarded, isExecuted, keywordCount, prompt, resource, resultCount, server, tool, toolType } = operation;
  const attributes: Attributes = {};
  // Where no server was asked there is nothing to say.
  if (server !== undefined) attributes['mcp.auth_forwarded'] = forwarded;
  if (toolType !== undefined) {
    attributes['mcp.tool.name'] = isExecuted ? 'execute' : (tool ?? 'unknown');
    attributes['mcp.tool.type'] = isExecuted ? 'builtin' : toolType;
  }
  if (isExecuted && tool !== undefined) attributes['mcp.execute.target_tool'] = tool;
  if (isExecuted && server !== undefined) attributes['mcp.execute.target_server'] = server;
  else if (server !== undefined) attributes['mcp.server.name'] = server;
  if (keywordCount !== undefined) attributes['mcp.search.keyword_count'] = keywordCount;
  if (resultCount !== undefined) attributes['mcp.search.result_count'] = resultCount;
  if (prompt !== undefined) attributes['mcp.prompt.name'] = prompt;
  if (resource !== undefined) attributes['mcp.resource.uri'] = resource;
  return attributes;
}

function writeStoreCommand(trace: RequestTrace, command: StoreCommand): void {
  const { operation, scopes, startMs } = command;
  const scope = scopes.join('+');
  trace.write({
    name: operation === 'check_and_consume' ? `redis:${operation}:${scope}` : `redis:${operation}`,
    kind: 'client',
    startMs,
    endMs: startMs + command.durationMs,
    attributes: {
      'redis.operation': operation,
      'rate_limit.scope': scope,
      'rate_limit.limit': command.limit,
      'rate_limit.interval_ms': command.intervalMs,
      'rate_limit.allowed': command.allowed,
      ...(command.tokens > 0 ? { 'rate_limit.tokens': command.tokens } : {}),
      ...(command.allowed ? {} : { 'rate_limit.retry_after_ms': Math.ceil(command.retryAfterMs) }),
      ...(command.failed ? { error: true, 'error.type': 'script_execution' } : {}),
    },
    failed: command.failed,
  });
}
