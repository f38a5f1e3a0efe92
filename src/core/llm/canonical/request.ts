import type { SpecialTool } from './special-tool.ts';

/** Any JSON object, as parsed. Keys are the caller's: never index it with a name that came from elsewhere. */
export type JsonObject = { [key: string]: unknown };

/** Whose models minted an opaque proof. It means something to them alone; a target of another origin must not see it. */
export type Origin = 'openai' | 'anthropic' | 'google';

/** The end of a prefix that the vendor is asked to cache. Absent `ttl`: the vendor's default. */
export interface CacheMark {
  readonly ttl?: '5m' | '1h';
}

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  /** Sources of this text, in the form of the vendor that named them. */
  readonly citations?: readonly JsonObject[];
  readonly cache?: CacheMark;
}

/**
 * Something that is not text. Where it is: exactly one of `data` (base64), `url`, `fileId` (a file at the vendor) and
 * `text` (a document that is plain text).
 */
export interface MediaPart {
  readonly type: 'media';
  readonly kind: 'image' | 'document' | 'audio' | 'video';
  /** MIME type; known wherever there is `data`. */
  readonly mediaType?: string;
  readonly data?: string;
  readonly url?: string;
  readonly fileId?: string;
  readonly text?: string;
  /** Title or file name. */
  readonly name?: string;
  /** How closely an image is looked at: OpenAI's `low`, `high`, `auto`. */
  readonly detail?: string;
  readonly cache?: CacheMark;
}

/**
 * What the model thought. `signature` proves `text`; `redacted` is thought that only its vendor can read and stands
 * alone. Sent back to a target of the same origin unchanged, left out for all others.
 */
export interface ReasoningPart {
  readonly type: 'reasoning';
  readonly text: string;
  readonly signature?: string;
  readonly redacted?: string;
  readonly origin?: Origin;
  /** The vendor's id of the item, where it has one (OpenAI responses). */
  readonly id?: string;
}

/** A refusal in the model's words, where the format tells it from text. */
export interface RefusalPart {
  readonly type: 'refusal';
  readonly text: string;
}

/** A call the model made. `arguments` is JSON text as the model wrote it; empty means no arguments. */
export interface ToolCallPart {
  readonly type: 'tool_call';
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
  /** Google's proof of the thought behind the call. */
  readonly signature?: string;
  readonly cache?: CacheMark;
}

export interface ToolResultPart {
  readonly type: 'tool_result';
  readonly callId: string;
  readonly content: readonly (TextPart | MediaPart)[];
  readonly isError: boolean;
  readonly cache?: CacheMark;
}

export type Part = TextPart | MediaPart | ReasoningPart | RefusalPart | ToolCallPart | ToolResultPart;

/** One turn of the conversation. Tool results belong to the user's side, before its other parts. Neighbours never share a role. */
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
  readonly cache?: CacheMark;
  /** The client declared something else, of which this function is made. */
  readonly special?: SpecialTool;
}

export type ToolChoice =
  | { readonly type: 'auto' | 'none' | 'required' }
  | { readonly type: 'tool'; readonly name: string };

/** `json_object`: any object. `json_schema`: an object that fits the schema. */
export type ResponseFormat =
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema';
      readonly name?: string;
      readonly description?: string;
      readonly schema: JsonObject;
      readonly strict?: boolean;
    };

/** How hard the model should think. Either measure may be given; a target uses its own and derives it from the other. */
export interface ReasoningRequest {
  readonly effort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';
  /** Tokens to think with. */
  readonly budget?: number;
  /** The caller wants to read the thoughts (or their summary). */
  readonly visible?: boolean;
  /** The model itself decides whether and how long to think; `effort` is advice (Anthropic's `adaptive`). */
  readonly adaptive?: boolean;
}

/** Classes of service that a caller can ask for; `reserved` is capacity that was bought beforehand. */
export type RequestedTier = 'flex' | 'priority' | 'reserved';

/** A model call between two protocols. Absent means the caller did not say. */
export interface CanonicalRequest {
  readonly model: string;
  /** System texts in order; a target with one system field joins them by a blank line. */
  readonly system: readonly TextPart[];
  readonly turns: readonly Turn[];
  readonly tools: readonly ToolDefinition[];
  readonly toolChoice?: ToolChoice | undefined;
  readonly parallelToolCalls?: boolean | undefined;
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly seed?: number | undefined;
  readonly stop?: readonly string[] | undefined;
  /** The answer is to say how likely its tokens were. */
  readonly logprobs?: true | undefined;
  /** How many of the likeliest tokens to show in each place; goes with `logprobs`. */
  readonly topLogprobs?: number | undefined;
  readonly responseFormat?: ResponseFormat | undefined;
  readonly reasoning?: ReasoningRequest | undefined;
  /** The caller's own user, for the vendor's abuse detection. */
  readonly user?: string | undefined;
  /** Absent: the standard class of service, also where the caller named that. */
  readonly serviceTier?: RequestedTier | undefined;
  readonly stream: boolean;
  /**
   * Fields the caller set that have no canonical form (`logit_bias`, `safetySettings`, …), in the caller's spelling. The
   * reply names them in `X-Nexus-Dropped`.
   */
  readonly unsupported: readonly string[];
}
