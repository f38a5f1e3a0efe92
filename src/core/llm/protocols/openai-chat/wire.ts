import type { JsonObject } from '../../canonical/request.ts';

/*
 * The parts of OpenAI's chat completion format that Nexus reads, as `validateRequest` guarantees them. Source: the
 * published OpenAPI 3.1 description. `null` means absent, in both directions; members not named here pass untouched.
 */

export interface ChatRequest extends JsonObject {
  model: string;
  messages: ChatMessage[];
  stream?: boolean | null;
  stream_options?: ChatStreamOptions | null;
  max_tokens?: number | null;
  max_completion_tokens?: number | null;
  temperature?: number | null;
  top_p?: number | null;
  n?: number | null;
  stop?: string | string[] | null;
  tools?: ChatTool[] | null;
  tool_choice?: string | JsonObject | null;
  parallel_tool_calls?: boolean | null;
  functions?: ChatFunction[] | null;
  function_call?: string | JsonObject | null;
  frequency_penalty?: number | null;
  presence_penalty?: number | null;
  seed?: number | null;
  logprobs?: boolean | null;
  top_logprobs?: number | null;
  response_format?: JsonObject | null;
  reasoning_effort?: string | null;
  user?: string | null;
  safety_identifier?: string | null;
}

export interface ChatStreamOptions extends JsonObject {
  include_usage?: boolean | null;
}

export type ChatRole = 'system' | 'developer' | 'user' | 'assistant' | 'tool' | 'function';

export interface ChatMessage extends JsonObject {
  role: ChatRole;
  content?: string | ChatContentPart[] | null;
  name?: string | null;
  refusal?: string | null;
  tool_calls?: ChatToolCall[] | null;
  tool_call_id?: string | null;
  function_call?: ChatFunctionCall | null;
}

/** Known kinds carry their own members: `text`, `image_url`, `refusal`, `input_audio`, `file`. */
export interface ChatContentPart extends JsonObject {
  type: string;
  text?: string;
  refusal?: string;
  image_url?: string | ChatImageUrl;
  file?: ChatFile;
  input_audio?: ChatInputAudio;
}

export interface ChatFile extends JsonObject {
  file_data?: string | null;
  file_id?: string | null;
  filename?: string | null;
}

export interface ChatInputAudio extends JsonObject {
  data?: string | null;
  format?: string | null;
}

export interface ChatImageUrl extends JsonObject {
  url: string;
  detail?: unknown;
}

/** `type` and `id` are absent at some compatible hosts; `function` is there unless `type` names another kind. */
export interface ChatToolCall extends JsonObject {
  id?: string | null;
  type?: string | null;
  function?: ChatFunctionCall;
  custom?: { name: string; input: string };
}

export interface ChatFunctionCall extends JsonObject {
  name: string;
  arguments: string;
}

export interface ChatTool extends JsonObject {
  type?: string | null;
  function?: ChatFunction;
  custom?: ChatCustomTool;
}

/** A tool that takes free text. */
export interface ChatCustomTool extends JsonObject {
  name: string;
  description?: string | null;
  format?: { type?: unknown; grammar?: { syntax: string; definition: string } } | null;
}

export interface ChatFunction extends JsonObject {
  name: string;
  description?: string | null;
  parameters?: JsonObject | null;
  strict?: boolean | null;
}
