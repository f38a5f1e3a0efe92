/** What an MCP client asked, and how it went. Names are those of the catalogue; arguments and results are not kept. */
export interface McpOperation {
  /** As the protocol names it: `tools/call`. */
  readonly method: string;
  /** Milliseconds after the request began. */
  readonly startMs: number;
  durationMs: number;
  /** JSON-RPC code of the answer; absent: it was a result. */
  errorCode: number | undefined;
  /** The tool's result says that it failed. */
  isToolError: boolean;
  /** Configured name of the server that was asked; absent where none was. */
  server: string | undefined;
  /** The caller's own token was sent to the server. */
  forwarded: boolean;
  /** The tool as its server names it, or `search` and `execute`, our own; absent where none was found. */
  tool: string | undefined;
  /** `builtin` is our own search and whatever came of an `execute` that reached no server. */
  toolType: 'builtin' | 'downstream' | 'unknown' | undefined;
  /** The client called the tool through `execute`. */
  isExecuted: boolean;
  /** The prompt as its server names it. */
  prompt: string | undefined;
  /** The URI that was read, where its scheme makes it one of our own kind: `tool://` or `prompt://`. Others may be secrets. */
  resource: string | undefined;
  /** Of a `search`. */
  keywordCount: number | undefined;
  resultCount: number | undefined;
  /** The span its servers are told of, in the request's trace. */
  spanId: string | undefined;
}

export function openOperation(method: string, startMs: number): McpOperation {
  return {
    method,
    startMs,
    durationMs: 0,
    errorCode: undefined,
    isToolError: false,
    server: undefined,
    forwarded: false,
    tool: undefined,
    toolType: undefined,
    isExecuted: false,
    prompt: undefined,
    resource: undefined,
    keywordCount: undefined,
    resultCount: undefined,
    spanId: undefined,
  };
}
