// Generated from the schema by scripts/config-types.mjs; do not edit.

/** Configuration of Nexus. */
export interface NexusConfig {
  /** What holds for all endpoints. */
  server?: ServerConfig | undefined;
  /** Language models. */
  llm?: LlmConfig | undefined;
  /** The built-in demo provider: answers without a key, a network or a bill. */
  demo?: DemoConfig | undefined;
}

/** What holds for all endpoints. */
export interface ServerConfig {
  /** Address and port `nexus serve` listens on; unused where a host application mounts Nexus. Default: `"127.0.0.1:8000"`. */
  listenAddress?: string | undefined;
  /** The health endpoint. */
  health?: HealthConfig | undefined;
  /** Largest request body that is read: a size such as `"10MB"`, or bytes; at most `"1GiB"`. Default: `"32MiB"`. */
  maxBody?: string | number | undefined;
}

/** The health endpoint. */
export interface HealthConfig {
  /** Whether the health endpoint answers. Default: `true`. */
  enabled?: boolean | undefined;
  /** Path of the health endpoint. Default: `"/health"`. */
  path?: string | undefined;
}

/** Language models. */
export interface LlmConfig {
  /** Whether models are served at all. Default: `true`. */
  enabled?: boolean | undefined;
  /** Deprecated name of `llm.protocols.openai.path`; also makes `modelsOnly` true for all providers. @deprecated */
  path?: string | undefined;
  /** Whether `/llm` is served beside `/llm/openai` and `/llm/anthropic`, as long as no path is configured for them. Default: `true`. */
  legacyPaths?: boolean | undefined;
  /** The dialects clients can speak. */
  protocols?: ProtocolsConfig | undefined;
  /** Longest time a whole call may take, a stream included. Default: `"10m"`. */
  timeout?: string | number | undefined;
  /** Longest wait for the first event of a stream. Default: `"2m"`. */
  firstByteTimeout?: string | number | undefined;
  /** Longest silence between two pieces of a stream. Default: `"60s"`. */
  idleTimeout?: string | number | undefined;
  /** Providers, by the name clients put before the slash of a model id; names contain no slash. */
  providers?: Record<string, ProviderConfig> | undefined;
}

/** The dialects clients can speak. */
export interface ProtocolsConfig {
  /** OpenAI's dialect: chat completions, responses and the list of models. */
  openai?: OpenAIProtocolConfig | undefined;
  /** Anthropic's dialect: messages. */
  anthropic?: AnthropicProtocolConfig | undefined;
  /** Google's dialect: generateContent. */
  google?: GoogleProtocolConfig | undefined;
}

/** OpenAI's dialect: chat completions, responses and the list of models. */
export interface OpenAIProtocolConfig {
  /** Whether clients can speak OpenAI's dialect. Default: `true`. */
  enabled?: boolean | undefined;
  /** The one path below which it is served. Default: `/llm/openai`, and `/llm` with `legacyPaths`. */
  path?: string | undefined;
}

/** Anthropic's dialect: messages. */
export interface AnthropicProtocolConfig {
  /** Whether clients can speak Anthropic's dialect. Default: `true`. */
  enabled?: boolean | undefined;
  /** The one path below which it is served. Default: `/llm/anthropic`, and `/llm` with `legacyPaths`. */
  path?: string | undefined;
}

/** Google's dialect: generateContent. */
export interface GoogleProtocolConfig {
  /** Whether clients can speak Google's dialect. Default: `true`. */
  enabled?: boolean | undefined;
  /** The one path below which it is served. Default: `/llm/google`. */
  path?: string | undefined;
}

/** One account at a vendor, or one server that speaks a known dialect. */
export interface ProviderConfig {
  /** The vendor: decides address, dialect and where the key goes. */
  type:
    | 'openai'
    | 'anthropic'
    | 'google'
    | 'azure'
    | 'cerebras'
    | 'cohere'
    | 'deepseek'
    | 'fireworks'
    | 'groq'
    | 'huggingface'
    | 'lm_studio'
    | 'mistral'
    | 'moonshot'
    | 'ollama'
    | 'openrouter'
    | 'perplexity'
    | 'together'
    | 'vllm'
    | 'xai'
    | (string & {});
  /** Key for the provider. Empty counts as absent. Shown nowhere. */
  apiKey?: string | undefined;
  /** Whether a client's own key, sent in `X-Provider-API-Key`, goes before the configured one. Default: `false`. */
  forwardToken?: boolean | undefined;
  /** Where the provider's API is, up to and including its version. Default: the vendor's own; required for azure. */
  baseUrl?: string | undefined;
  /** The `api-version` azure is asked for. Default: `2024-10-21`; none below `/openai/v1`. */
  apiVersion?: string | undefined;
  /** Header rules, applied in order; without any, none of the client's headers reaches the provider. */
  headers?: (ForwardHeaderRule | InsertHeaderRule | RemoveHeaderRule | RenameDuplicateHeaderRule)[] | undefined;
  /** Longest time a whole call may take. Default: `llm.timeout`. */
  timeout?: string | number | undefined;
  /** Longest wait for the first event of a stream. Default: `llm.firstByteTimeout`. */
  firstByteTimeout?: string | number | undefined;
  /** Longest silence between two pieces of a stream. Default: `llm.idleTimeout`. */
  idleTimeout?: string | number | undefined;
  /** Whether only models listed here or matching `modelFilter` can be called. Default: false (true where `llm.path` is given). */
  modelsOnly?: boolean | undefined;
  /** Regular expression, in any case and anywhere in the id: only matching or listed models can be called. */
  modelFilter?: string | undefined;
  /** Models of the provider, by the name clients use after the provider's name and a slash. */
  models?: Record<string, ModelConfig> | undefined;
}

export interface ForwardHeaderRule {
  /** Passes on the client's own header. */
  rule: 'forward';
  /** The header to pass on; this or `pattern`. */
  name?: string | undefined;
  /** Passes on all headers whose name matches, in any case; never credentials, those must be named. */
  pattern?: string | undefined;
  /** Value where the client sends none; only with `name`. */
  default?: string | undefined;
  /** Name it gets on the way. Default: the one it has. */
  rename?: string | undefined;
}

export interface InsertHeaderRule {
  /** Adds a header, in the place of one of the same name. */
  rule: 'insert';
  /** The header to add. */
  name: string;
  /** Its value. Shown nowhere. */
  value: string;
}

export interface RemoveHeaderRule {
  /** Takes back what rules before this one did. */
  rule: 'remove';
  /** The header to take out; this or `pattern`. */
  name?: string | undefined;
  /** Takes out all headers whose name matches, in any case. */
  pattern?: string | undefined;
}

export interface RenameDuplicateHeaderRule {
  /** Passes on the client's own header under two names. */
  rule: 'rename_duplicate';
  /** The header to pass on. */
  name: string;
  /** The second name. */
  rename: string;
  /** Value where the client sends none. */
  default?: string | undefined;
}

/** One model. Its key is the name clients use; an empty entry only lists it. */
export interface ModelConfig {
  /** The provider's name for the model. Default: the key of this entry. */
  rename?: string | undefined;
  /** The same as `rename`, said more clearly; give one of the two. */
  upstream?: string | undefined;
  /** Deprecated: has no effect; accepted because older files contain it. @deprecated */
  maxTokens?: unknown;
  /** Header rules for calls to this model, applied after the provider's. */
  headers?: (ForwardHeaderRule | InsertHeaderRule | RemoveHeaderRule | RenameDuplicateHeaderRule)[] | undefined;
}

/** The built-in demo provider: answers without a key, a network or a bill. */
export interface DemoConfig {
  /** Whether the demo provider answers. Default: `true`. */
  enabled?: boolean | undefined;
  /** Scripted answers, tried in order before the default answer. */
  rules?: DemoRule[] | undefined;
}

/** The first rule that matches and is not used up answers the request. */
export interface DemoRule {
  /** What a request must look like; absent members match anything. */
  match?: DemoMatch | undefined;
  /** How many requests this rule answers before it is used up; default: all. */
  times?: number | undefined;
  /** What is answered; an empty reply is the default answer. */
  reply: DemoReply;
}

/** What a request must look like; absent members match anything. */
export interface DemoMatch {
  /** The dialect the request speaks. */
  protocol?: 'openai' | 'anthropic' | undefined;
  /** The model asked for; `*` stands for any text. */
  model?: string | undefined;
  /** Text the last user message contains, in any case. */
  prompt?: string | undefined;
  /** Whether a stream was asked for. */
  stream?: boolean | undefined;
  /** Whether the request declares tools. */
  hasTools?: boolean | undefined;
  /** Whether the last turn brings the result of a tool. */
  hasToolResult?: boolean | undefined;
}

/** What is answered; an empty reply is the default answer. */
export interface DemoReply {
  /** Text of the answer. */
  text?: string | undefined;
  /** Tool calls of the answer, in order. */
  toolCalls?: DemoToolCall[] | undefined;
  /** Why the answer ended; default: `tool_calls` when there are any, else `stop`. */
  finish?: 'stop' | 'length' | 'tool_calls' | 'content_filter' | undefined;
  /** Usage to report; absent counts are estimated at four characters a token. */
  usage?: DemoUsage | undefined;
  /** Wait before the head of the answer, in milliseconds (at most one hour). */
  delay?: number | undefined;
  /** Wait between the chunks of a stream, in milliseconds (at most one hour). */
  pace?: number | undefined;
  /** Characters in each chunk of a stream; default: 8. */
  chunkSize?: number | undefined;
  /** HTTP status of the answer; default: 200. */
  status?: number | undefined;
  /** Further headers of the answer. */
  headers?: Record<string, string> | undefined;
  /** An error in the dialect's own envelope, instead of an answer. */
  error?: DemoError | undefined;
  /** A way for the answer to go wrong. */
  fault?:
    | 'reset'
    | 'close'
    | 'hang'
    | 'stall'
    | 'headers-then-hang'
    | 'bad-status-line'
    | 'header-flood'
    | 'wrong-length'
    | 'dup-length'
    | 'length-and-chunked'
    | 'wrong-content-type'
    | 'not-json'
    | 'truncated-json'
    | 'json-null'
    | 'wrong-shape'
    | 'no-choices'
    | 'empty'
    | 'html'
    | 'bom'
    | 'gzip'
    | 'deflate'
    | 'br'
    | 'gzip-lie'
    | 'sse-for-json'
    | 'json-for-sse'
    | 'proto-in-answer'
    | 'deep-json'
    | 'bad-chunk'
    | 'one-packet'
    | 'slow-drip'
    | 'split-events'
    | 'crlf-sse'
    | 'cr-sse'
    | 'sse-quirks'
    | 'newline-flood'
    | 'multi-data-lines'
    | 'no-final-newline'
    | 'bad-sse'
    | 'no-done'
    | 'after-done'
    | 'error-first-event'
    | 'error-in-stream'
    | 'usage-missing'
    | 'usage-absurd'
    | undefined;
  /** Chunks of text or arguments that are sent before the fault happens. */
  after?: number | undefined;
  /** Raw text of the body, instead of an answer. */
  body?: string | undefined;
  /** Content type of `body`; default: application/json. */
  contentType?: string | undefined;
}

export interface DemoToolCall {
  /** Name of the tool. */
  name: string;
  /** Arguments as a table, or as raw text (which may be broken JSON); default: none. */
  arguments?: Record<string, unknown> | string | undefined;
  /** Id of the call; default: one in the style of the dialect. */
  id?: string | undefined;
}

/** Usage to report; absent counts are estimated at four characters a token. */
export interface DemoUsage {
  /** Everything the model read, cached or not, in tokens. */
  input?: number | undefined;
  /** Everything the model wrote, in tokens. */
  output?: number | undefined;
  /** Part of the input read from the prompt cache, in tokens. */
  cacheRead?: number | undefined;
  /** Part of the input written to the prompt cache, in tokens. */
  cacheWrite?: number | undefined;
  /** Part of the output spent on reasoning, in tokens. */
  reasoning?: number | undefined;
}

/** An error in the dialect's own envelope, instead of an answer. */
export interface DemoError {
  /** HTTP status. */
  status: number;
  /** Text of the error. */
  message: string;
  /** Type of the error; default: the one the vendor uses for this status. */
  type?: string | undefined;
  /** Machine code of the error; OpenAI's dialect only. */
  code?: string | undefined;
  /** Value of the `retry-after` header: seconds, or an HTTP date. */
  retryAfter?: number | string | undefined;
}
