import type { JsonObject } from '../../canonical/request.ts';

/*
 * The parts of OpenAI's responses format that Nexus reads in a request, as `validateResponsesRequest` guarantees them.
 * Source: the published OpenAPI 3.1 description (`CreateResponse`). `null` means absent, in both directions; members not
 * named here pass untouched.
 */

export interface ResponsesRequest extends JsonObject {
  model: string;
  input?: string | InputItem[] | null;
  instructions?: string | null;
  stream?: boolean | null;
  max_output_tokens?: number | null;
  temperature?: number | null;
  top_p?: number | null;
  tools?: ResponsesTool[] | null;
  tool_choice?: string | JsonObject | null;
  parallel_tool_calls?: boolean | null;
  text?: TextOptions | null;
  reasoning?: ReasoningOptions | null;
  user?: string | null;
  safety_identifier?: string | null;
  include?: string[] | null;
  top_logprobs?: number | null;
}

/** A message may lack `type`; every other kind of item has it. Known kinds carry their own members. */
export interface InputItem extends JsonObject {
  type?: string | null;
  role?: 'user' | 'assistant' | 'system' | 'developer';
  content?: string | ContentPart[] | null;
  id?: string | null;
  call_id?: string;
  name?: string;
  namespace?: string | null;
  arguments?: string;
  input?: string;
  output?: string | ContentPart[];
  summary?: SummaryPart[] | null;
  encrypted_content?: string | null;
}

/** `input_text`, `output_text`, `text`, `reasoning_text`; `refusal`; `input_image`; `input_file`; and kinds to come. */
export interface ContentPart extends JsonObject {
  type: string;
  text?: string;
  refusal?: string;
  image_url?: string | null;
  detail?: string | null;
  file_id?: string | null;
  file_url?: string | null;
  file_data?: string | null;
  filename?: string | null;
}

export interface SummaryPart extends JsonObject {
  text: string;
}

/** Of a function; `format` is a custom tool's, `tools` a namespace's. */
export interface ResponsesTool extends JsonObject {
  type: string;
  name?: string;
  format?: JsonObject | null;
  tools?: ResponsesTool[];
  description?: string | null;
  parameters?: JsonObject | null;
  strict?: boolean | null;
}

export interface TextOptions extends JsonObject {
  format?: TextFormat | null;
  verbosity?: string | null;
}

export interface TextFormat extends JsonObject {
  type: string;
  name?: string | null;
  description?: string | null;
  schema?: JsonObject;
  strict?: boolean | null;
}

export interface ReasoningOptions extends JsonObject {
  effort?: string | null;
  summary?: string | null;
  generate_summary?: string | null;
}
