import type { JsonObject, JsonRpcError } from './json-rpc.ts';

// JSON-RPC 2.0 messages as MCP frames them: read loosely, written exactly.

export type RequestId = string | number;

export type Message =
  | { readonly kind: 'request'; readonly id: RequestId; readonly method: string; readonly params: JsonObject }
  | { readonly kind: 'notification'; readonly method: string; readonly params: JsonObject }
  | { readonly kind: 'response'; readonly id: RequestId; readonly result: JsonObject }
  | {
      readonly kind: 'failure';
      readonly id: RequestId | null;
      readonly code: number;
      readonly text: string;
      readonly data: unknown;
    };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A parsed body as a message; undefined for anything that is none. Params that are absent read as empty. */
export function readMessage(value: unknown): Message | undefined {
  if (!isObject(value) || value['jsonrpc'] !== '2.0') return undefined;
  const { id, method, params } = value;
  if (typeof method === 'string') {
    if (params !== undefined && !isObject(params)) return undefined;
    if (isId(id)) return { kind: 'request', id, method, params: params ?? {} };
    return 'id' in value ? undefined : { kind: 'notification', method, params: params ?? {} };
  }
  const { result, error } = value;
  if (isObject(result) && isId(id)) return { kind: 'response', id, result };
  if (!isObject(error) || typeof error['code'] !== 'number') return undefined;
  if (id !== null && id !== undefined && !isId(id)) return undefined;
  return {
    kind: 'failure',
    id: id ?? null,
    code: error['code'],
    text: String(error['message'] ?? ''),
    data: error['data'],
  };
}

/** The id an answer to an unreadable body can still carry; null when it has none. */
export function idOf(value: unknown): RequestId | null {
  return isObject(value) && typeof value['method'] === 'string' && isId(value['id']) ? value['id'] : null;
}

export function resultText(id: RequestId, result: JsonObject): string {
  return JSON.stringify({ jsonrpc: '2.0', id, result });
}

export function errorText(id: RequestId | null, error: Pick<JsonRpcError, 'code' | 'message' | 'data'>): string {
  const { code, message, data } = error;
  return JSON.stringify({
    jsonrpc: '2.0',
    id,
    error: data === undefined ? { code, message } : { code, message, data },
  });
}

export function notificationText(method: string, params?: JsonObject): string {
  return JSON.stringify({ jsonrpc: '2.0', method, params });
}

export function requestText(id: RequestId, method: string, params: JsonObject): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

function isId(value: unknown): value is RequestId {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
}
