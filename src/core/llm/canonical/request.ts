/** Any JSON object, as parsed. Keys are the caller's: never index it with a name that came from elsewhere. */
export type JsonObject = { [key: string]: unknown };

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
}

/** An image by bytes (`data`, base64, with `mediaType`) or by address (`url`). */
export interface ImagePart {
  readonly type: 'image';
  readonly mediaType?: string;
  readonly data?: string;
  readonly url?: string;
}

/** A call the model made. `arguments` is JSON text as the model wrote it; empty means no arguments. */
export interface ToolCallPart {
  readonly type: 'tool_call';
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

export interface ToolResultPart {
  readonly type: 'tool_result';
  readonly callId: string;
  readonly content: readonly (TextPart | ImagePart)[];
  readonly isError: boolean;
}

export type Part = TextPart | ImagePart | ToolCallPart | ToolResultPart;

/** One turn of the conversation. Tool results belong to the user's side. Neighbours never share a role. */
export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly parts: Part[];
}

export interface ToolDefinition {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema, carried as it came. Absent: the tool takes no arguments. */
  readonly parameters?: JsonObject;
  readonly strict?: boolean;
}

export type ToolChoice =
  | { readonly type: 'auto' | 'none' | 'required' }
  | { readonly type: 'tool'; readonly name: string };

/** A model call between two protocols. Absent means the caller did not say. */
export interface CanonicalRequest {
  readonly model: string;
  /** System texts in order; a target with one system field joins them by a blank line. */
  readonly system: readonly string[];
  readonly turns: readonly Turn[];
  readonly tools: readonly ToolDefinition[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly stop?: readonly string[];
  /** The caller's own user, for the vendor's abuse detection. */
  readonly user?: string;
  readonly stream: boolean;
  /**
   * Names of fields the caller set that have no canonical form (`logit_bias`, `seed`, …), in the caller's spelling. The
   * reply names them in `X-Nexus-Dropped`.
   */
  readonly unsupported: readonly string[];
}
