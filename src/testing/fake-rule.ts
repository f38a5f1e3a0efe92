// The script of the fake provider: plain data, so that the same rules can stand in a test and in a TOML file.

/** The wire formats the fake provider speaks. */
export type FakeProtocol = 'openai' | 'responses' | 'anthropic' | 'google' | 'bedrock';

/**
 * Ways an answer can go wrong.
 *
 * Connection
 * - `reset`: the connection is reset (RST); before the head, or with `after` inside the answer.
 * - `close`: the connection is closed without a word; before the head, or with `after` inside the answer.
 * - `hang`: nothing is ever answered, the connection stays open.
 * - `headers-then-hang`: the head is sent, then nothing.
 * - `stall`: `after` chunks (default 1) are sent, then nothing; a plain answer stops in the middle of its body.
 *
 * Head
 * - `bad-status-line`: what arrives is not HTTP.
 * - `header-flood`: far more headers than any client accepts.
 * - `wrong-length`: `content-length` promises more than is sent before the connection closes.
 * - `dup-length`: two different `content-length` headers.
 * - `length-and-chunked`: both `content-length` and `transfer-encoding`.
 * - `bad-chunk`: a chunk size that is not a number.
 * - `wrong-content-type`: a good answer labelled `text/plain`.
 *
 * Body (also where a stream was asked for)
 * - `not-json`, `truncated-json`, `json-null`, `empty`, `html`, `deep-json`: what their names say, status 200.
 * - `wrong-shape`: JSON that is no answer. `no-choices`: an answer with nothing in it.
 * - `proto-in-answer`: a good plain answer with `__proto__` and `constructor` members.
 * - `bom`: a good answer behind a byte order mark.
 * - `gzip`, `deflate`, `br`: a good answer, encoded without having been asked. `gzip-lie`: says gzip, is not.
 * - `sse-for-json`: a stream where none was asked for. `json-for-sse`: a plain answer where a stream was.
 *
 * Stream (a plain answer stays as it is)
 * - `one-packet`: all events in one write. `slow-drip`: one byte a write. `split-events`: writes cut across events.
 * - `crlf-sse`, `cr-sse`: other line ends. `multi-data-lines`: each event's JSON over several `data:` lines.
 * - `sse-quirks`: comments, unknown fields, no space after the colon. `newline-flood`: ten thousand empty lines.
 * - `no-final-newline`: the last event lacks its blank line. `bad-sse`: one event is not JSON.
 * - `no-done`: the stream ends without its terminal event. `after-done`: more events follow the terminal one.
 * - `error-first-event`: an error event instead of an answer. `error-in-stream`: one after `after` chunks (default 1).
 *   Both tell the reply's `error`, if it has one.
 *
 * Usage
 * - `usage-missing`: no usage is reported. `usage-absurd`: negative and astronomical counts are.
 */
export type FakeFault =
  | 'reset'
  | 'close'
  | 'hang'
  | 'headers-then-hang'
  | 'stall'
  | 'bad-status-line'
  | 'header-flood'
  | 'wrong-length'
  | 'dup-length'
  | 'length-and-chunked'
  | 'bad-chunk'
  | 'wrong-content-type'
  | 'not-json'
  | 'truncated-json'
  | 'json-null'
  | 'wrong-shape'
  | 'no-choices'
  | 'empty'
  | 'html'
  | 'deep-json'
  | 'proto-in-answer'
  | 'bom'
  | 'gzip'
  | 'deflate'
  | 'br'
  | 'gzip-lie'
  | 'sse-for-json'
  | 'json-for-sse'
  | 'one-packet'
  | 'slow-drip'
  | 'split-events'
  | 'crlf-sse'
  | 'cr-sse'
  | 'sse-quirks'
  | 'multi-data-lines'
  | 'newline-flood'
  | 'no-final-newline'
  | 'bad-sse'
  | 'no-done'
  | 'after-done'
  | 'error-first-event'
  | 'error-in-stream'
  | 'usage-missing'
  | 'usage-absurd';

/** Which requests a rule takes. Absent members match anything. */
export interface FakeMatch {
  protocol?: FakeProtocol | undefined;
  /** The model asked for; `*` stands for any text, also none. */
  model?: string | undefined;
  /** Text that the last user message contains, in any case. */
  prompt?: string | undefined;
  stream?: boolean | undefined;
  /** Whether the request declares tools. */
  hasTools?: boolean | undefined;
  /** Whether the last turn brings the result of a tool. */
  hasToolResult?: boolean | undefined;
}

export interface FakeToolCall {
  name: string;
  /** An object, or raw text, which may be broken JSON in OpenAI's dialects. Default: no arguments. */
  arguments?: Record<string, unknown> | string | undefined;
  /** Default: an id in the style of the dialect. */
  id?: string | undefined;
  /** Namespace of the tool; OpenAI's responses dialect only. */
  namespace?: string | undefined;
}

/** Token counts to report; those absent are estimated at four characters a token. */
export interface FakeUsage {
  /** Everything the model read, cached or not. */
  input?: number | undefined;
  /** Everything the model wrote, reasoning included. */
  output?: number | undefined;
  /** Part of `input` read from the prompt cache. */
  cacheRead?: number | undefined;
  /** Part of `input` written to the prompt cache. */
  cacheWrite?: number | undefined;
  /** Part of `output` spent on reasoning. */
  reasoning?: number | undefined;
}

/** An error in the dialect's own envelope. */
export interface FakeError {
  status: number;
  message: string;
  /** Default: what the vendor uses for this status. */
  type?: string | undefined;
  /** OpenAI's dialect only. Default: what the vendor uses for this status, else null. */
  code?: string | undefined;
  /** Value of the `retry-after` header: seconds, or an HTTP date. */
  retryAfter?: number | string | undefined;
}

/** What a request gets. `{}` is the default answer, derived from the request. */
export interface FakeReply {
  /** Text of the answer. With `toolCalls` it comes before them. */
  text?: string | undefined;
  toolCalls?: FakeToolCall[] | undefined;
  /** Default: `tool_calls` when there are any, else `stop`. Each dialect uses its own word for it. */
  finish?: 'stop' | 'length' | 'tool_calls' | 'content_filter' | undefined;
  usage?: FakeUsage | undefined;
  /** Milliseconds before the head of the answer. Default: 0. */
  delay?: number | undefined;
  /** Milliseconds between the chunks of a stream. Default: 0. */
  pace?: number | undefined;
  /** Characters in each chunk of a stream. Default: 8. */
  chunkSize?: number | undefined;
  /** HTTP status of the answer. Default: 200, or that of `error`. */
  status?: number | undefined;
  /** Further headers of the answer; they win over the usual ones. */
  headers?: Record<string, string> | undefined;
  /** An error instead of an answer. */
  error?: FakeError | undefined;
  fault?: FakeFault | undefined;
  /** Chunks of text or arguments that are sent before the fault happens; the opening events are not counted. */
  after?: number | undefined;
  /** Raw text of the body, instead of an answer. */
  body?: string | undefined;
  /** Content type of `body`. Default: `application/json`. */
  contentType?: string | undefined;
}

/** The first rule that matches and is not used up answers the request. */
export interface FakeRule {
  match?: FakeMatch | undefined;
  /** Requests this rule answers before it is used up. Default: all. */
  times?: number | undefined;
  reply: FakeReply;
}
