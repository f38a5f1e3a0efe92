/** Any JSON object; members we do not know are carried along. */
export type JsonObject = { readonly [member: string]: unknown };

/** An error a JSON-RPC peer is told, with its code, message and data. */
export class JsonRpcError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, options: { data?: unknown; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'JsonRpcError';
    this.code = code;
    this.data = options.data;
  }
}
