import type { JsonObject } from '../../canonical/request.ts';

/*
 * Anthropic's Messages format: first what Nexus writes to vendors, then what it reads from clients, as
 * `validateMessagesRequest` guarantees it. Source: the type declarations of the official TypeScript SDK, and recorded
 * traffic. What Nexus reads from vendors is `unknown` until looked at.
 */

export interface MessagesRequest {
  model: string;
  max_tokens: number;
  system?: string | TextBlock[] | undefined;
  messages: MessageParam[];
  tools?: Tool[] | undefined;
  tool_choice?: ToolChoice | undefined;
  thinking?: ThinkingConfig | undefined;
  output_config?: OutputConfig | undefined;
  temperature?: number | undefined;
  top_p?: number | undefined;
  top_k?: number | undefined;
  stop_sequences?: string[] | undefined;
  metadata?: { user_id: string } | undefined;
  stream?: true | undefined;
}

export interface CacheControl {
  type: 'ephemeral';
  ttl?: '5m' | '1h';
}

export interface MessageParam {
  role: 'user' | 'assistant';
  content: string | ContentBlock[];
}

export type ContentBlock =
  | TextBlock
  | ImageBlock
  | DocumentBlock
  | ThinkingBlock
  | RedactedThinkingBlock
  | ToolUseBlock
  | ToolResultBlock;

/** What both a message and a tool result may hold. */
export type ResultBlock = TextBlock | ImageBlock | DocumentBlock;

export interface TextBlock {
  type: 'text';
  text: string;
  citations?: JsonObject[];
  cache_control?: CacheControl;
}

export interface ImageBlock {
  type: 'image';
  source: Base64Source | UrlSource | FileSource;
  cache_control?: CacheControl;
}

export interface DocumentBlock {
  type: 'document';
  source: Base64Source | UrlSource | FileSource | PlainTextSource;
  title?: string;
  cache_control?: CacheControl;
}

export interface Base64Source {
  type: 'base64';
  media_type: string;
  data: string;
}

export interface UrlSource {
  type: 'url';
  url: string;
}

export interface FileSource {
  type: 'file';
  file_id: string;
}

export interface PlainTextSource {
  type: 'text';
  media_type: 'text/plain';
  data: string;
}

export interface ThinkingBlock {
  type: 'thinking';
  thinking: string;
  signature: string;
}

export interface RedactedThinkingBlock {
  type: 'redacted_thinking';
  data: string;
}

export interface ToolUseBlock {
  type: 'tool_use';
  id: string;
  name: string;
  input: JsonObject;
  cache_control?: CacheControl;
}

export interface ToolResultBlock {
  type: 'tool_result';
  tool_use_id: string;
  content?: string | ResultBlock[];
  is_error?: true;
  cache_control?: CacheControl;
}

export interface Tool {
  name: string;
  description?: string;
  input_schema: JsonObject;
  strict?: boolean;
  cache_control?: CacheControl;
}

export type ToolChoice =
  | { type: 'none' }
  | { type: 'auto' | 'any'; disable_parallel_tool_use?: true }
  | { type: 'tool'; name: string; disable_parallel_tool_use?: true };

export type ThinkingConfig = ({ type: 'enabled'; budget_tokens: number } | { type: 'adaptive' }) & {
  display?: 'summarized' | 'omitted';
};

export type Effort = 'low' | 'medium' | 'high' | 'xhigh' | 'max';

export interface OutputConfig {
  effort?: Effort;
  format?: { type: 'json_schema'; schema: JsonObject };
}

/** A request as a client sends it. `null` means absent; members not named here pass untouched. */
export interface ClientRequest extends JsonObject {
  model: string;
  max_tokens?: number | null;
  system?: string | ClientBlock[] | null;
  messages: ClientMessage[];
  tools?: ClientTool[] | null;
  tool_choice?: ClientToolChoice | null;
  thinking?: ClientThinking | null;
  output_config?: ClientOutputConfig | null;
  output_format?: ClientOutputFormat | null;
  temperature?: number | null;
  top_p?: number | null;
  top_k?: number | null;
  stop_sequences?: string[] | null;
  metadata?: (JsonObject & { user_id?: string | null }) | null;
  stream?: boolean | null;
}

export interface ClientMessage extends JsonObject {
  role: 'user' | 'assistant' | 'system';
  content?: string | ClientBlock[] | null;
}

/** Members by type: text `text`, thinking `thinking`, `redacted_thinking` `data`, `tool_use` `id` `name` `input`, … */
export interface ClientBlock extends JsonObject {
  type: string;
  cache_control?: ClientCacheControl | null;
}

export interface ClientCacheControl extends JsonObject {
  type: string;
  ttl?: string | null;
}

/** `type` names a tool that the vendor defines; absent, null and `custom` mean the caller's own. */
export interface ClientTool extends JsonObject {
  type?: string | null;
  name: string;
  description?: string | null;
  input_schema?: JsonObject | null;
  strict?: boolean | null;
  cache_control?: ClientCacheControl | null;
}

export interface ClientToolChoice extends JsonObject {
  type: string;
  name?: string;
  disable_parallel_tool_use?: boolean | null;
}

export interface ClientThinking extends JsonObject {
  type: string;
  budget_tokens?: number;
  display?: string | null;
}

export interface ClientOutputConfig extends JsonObject {
  effort?: string | null;
  format?: ClientOutputFormat | null;
}

export interface ClientOutputFormat extends JsonObject {
  type: string;
  schema?: JsonObject;
}
