// What OpenAI's chat completions API refuses with a 400, as far as a router can get it wrong.
import { isObject, type JsonObject, listOf, member } from './json-value.ts';
import type { OpenAIError } from './openai-answers.ts';

/** Top-level members of CreateChatCompletionRequest in OpenAI's published OpenAPI description. */
const MEMBERS: ReadonlySet<string> = new Set(
  `audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens messages
   metadata modalities model moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key
   prompt_cache_options prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier
   stop store stream stream_options temperature tool_choice tools top_logprobs top_p user verbosity
   web_search_options`.split(/\s+/),
);

const ROLES: ReadonlySet<unknown> = new Set(['system', 'assistant', 'user', 'function', 'tool', 'developer']);

function refuse(message: string, param?: string, code?: string): OpenAIError {
  return {
    status: 400,
    message,
    plain: true,
    ...(param === undefined ? {} : { param }),
    ...(code === undefined ? {} : { code }),
  };
}

/** Tool messages must answer the calls of the assistant message before them, each call exactly by its id. */
function refuseToolOrder(messages: readonly unknown[]): OpenAIError | undefined {
  let open: Set<unknown> | undefined;
  for (const [index, message] of [...messages, undefined].entries()) {
    const role = member(message, 'role');
    if (role === 'tool') {
      if (open === undefined) {
        const text =
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
        return refuse(text, `messages.[${index}].role`);
      }
      open.delete(member(message, 'tool_call_id'));
      continue;
    }
    if (open !== undefined && open.size > 0) {
      const ids = [...open].join(', ');
      const text = `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${ids}`;
      return refuse(text, `messages.[${index}].role`);
    }
    const calls = listOf(member(message, 'tool_calls'));
    open = calls.length > 0 ? new Set(calls.map((call) => member(call, 'id'))) : undefined;
  }
  return undefined;
}

function refuseMessages(value: unknown): OpenAIError | undefined {
  if (value === undefined || value === null) {
    return refuse("Missing required parameter: 'messages'.", 'messages', 'missing_required_parameter');
  }
  if (!Array.isArray(value)) {
    return refuse("Invalid type for 'messages': expected an array of objects.", 'messages', 'invalid_type');
  }
  if (value.length === 0) {
    const text =
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.";
    return refuse(text, 'messages', 'empty_array');
  }
  for (const [index, message] of listOf(value).entries()) {
    const at = `messages[${index}]`;
    if (!isObject(message)) return refuse(`Invalid type for '${at}': expected an object.`, at, 'invalid_type');
    const { role, content } = message;
    if (!ROLES.has(role)) {
      const supported = "'system', 'assistant', 'user', 'function', 'tool', and 'developer'";
      return refuse(
        `Invalid value: '${String(role)}'. Supported values are: ${supported}.`,
        `${at}.role`,
        'invalid_value',
      );
    }
    if ((content === undefined || content === null) && role !== 'assistant') {
      return refuse(`Missing required parameter: '${at}.content'.`, `${at}.content`, 'missing_required_parameter');
    }
    if (content !== undefined && content !== null && typeof content !== 'string' && !Array.isArray(content)) {
      const text = `Invalid type for '${at}.content': expected one of a string or array of objects.`;
      return refuse(text, `${at}.content`, 'invalid_type');
    }
  }
  return refuseToolOrder(value);
}

/** Why the vendor would refuse this body; undefined where it would not. */
export function refuseOpenAI(body: unknown): OpenAIError | undefined {
  if (!isObject(body))
    return refuse('We could not parse the JSON body of your request. The API expects a JSON object.');
  return refuseTopLevel(body) ?? refuseMessages(body['messages']);
}

function refuseTopLevel(body: JsonObject): OpenAIError | undefined {
  const { model, stream, stream_options: streamOptions } = body;
  if (model === undefined || model === null || model === '') return refuse('you must provide a model parameter');
  if (typeof model !== 'string') return refuse("Invalid type for 'model': expected a string.", 'model', 'invalid_type');
  const unknown = Object.keys(body).find((name) => !MEMBERS.has(name));
  if (unknown !== undefined) return refuse(`Unknown parameter: '${unknown}'.`, unknown, 'unknown_parameter');
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') {
    return refuse("Invalid type for 'stream': expected a boolean.", 'stream', 'invalid_type');
  }
  if (streamOptions !== undefined && streamOptions !== null && stream !== true) {
    return refuse("The 'stream_options' parameter is only allowed when 'stream' is enabled.", 'stream_options');
  }
  return undefined;
}
