import type { JsonObject } from '../../canonical/request.ts';

/*
 * Amazon Bedrock's Converse format, what Nexus writes of it. Source: the service model of bedrock-runtime, and recorded
 * traffic. What Nexus reads is `unknown` until looked at. Members this format does not know are refused, so nothing may
 * be written here that is not in it.
 */

export interface ConverseRequest {
  messages: Message[];
  system?: SystemBlock[];
  inferenceConfig?: InferenceConfig;
  toolConfig?: ToolConfig;
  /** What the model's own vendor calls by names of its own. */
  additionalModelRequestFields?: JsonObject;
  /** JSON pointers into the model's native answer. */
  additionalModelResponseFieldPaths?: string[];
  outputConfig?: OutputConfig;
  requestMetadata?: { user: string };
  serviceTier?: { type: 'flex' | 'priority' | 'reserved' };
  guardrailConfig?: GuardrailConfig;
}

export interface GuardrailConfig {
  guardrailIdentifier: string;
  guardrailVersion: string;
  trace?: 'enabled' | 'enabled_full' | 'disabled';
  /** Known to streams only. */
  streamProcessingMode?: 'sync' | 'async';
}

export interface Message {
  role: 'user' | 'assistant';
  content: ContentBlock[];
}

export interface CachePoint {
  cachePoint: { type: 'default'; ttl?: '5m' | '1h' };
}

export type SystemBlock = { text: string } | CachePoint;

export interface InferenceConfig {
  maxTokens?: number;
  temperature?: number;
  topP?: number;
  stopSequences?: string[];
}

export type MediaBlock =
  | { image: { format: string; source: ByteSource } }
  | { document: { format: string; name: string; source: ByteSource } }
  | { video: { format: string; source: ByteSource } }
  | { audio: { format: string; source: ByteSource } };

/** `bytes` is base64. */
export type ByteSource = { bytes: string } | { s3Location: { uri: string } };

export type ReasoningBlock = {
  reasoningContent: { reasoningText: { text: string; signature: string } } | { redactedContent: string };
};

export interface CitationsBlock {
  citationsContent: { content: { text: string }[]; citations: JsonObject[] };
}

export interface ToolUseBlock {
  toolUse: { toolUseId: string; name: string; input: JsonObject };
}

export interface ToolResultBlock {
  toolResult: { toolUseId: string; content: ({ text: string } | MediaBlock)[]; status?: 'error' };
}

export type ContentBlock =
  | { text: string }
  | MediaBlock
  | ReasoningBlock
  | CitationsBlock
  | ToolUseBlock
  | ToolResultBlock
  | CachePoint;

export interface ToolSpec {
  toolSpec: { name: string; description?: string; inputSchema: { json: JsonObject }; strict?: boolean };
}

export interface ToolConfig {
  tools: (ToolSpec | CachePoint)[];
  toolChoice?: ToolChoice;
}

export type ToolChoice = { auto: Record<string, never> } | { any: Record<string, never> } | { tool: { name: string } };

export interface OutputConfig {
  textFormat: {
    type: 'json_schema';
    /** `schema` is JSON text. */
    structure: { jsonSchema: { schema: string; name?: string; description?: string } };
  };
}
