// What OpenAI's responses API refuses with a 400, as far as a router can get it wrong.
import { isObject, listOf, member } from './json-value.ts';
import type { OpenAIError } from './openai-answers.ts';

function refuse(message: string, param: string, code?: string): OpenAIError {
  return { status: 400, message, plain: true, param, ...(code === undefined ? {} : { code }) };
}

/** Every result must answer a call that stands before it, and every call must be answered. */
function refuseToolOrder(input: readonly unknown[]): OpenAIError | undefined {
  const open = new Map<unknown, boolean>();
  for (const item of input) {
    const type = member(item, 'type');
    const id = member(item, 'call_id');
    if (type === 'function_call') open.set(id, false);
    if (type !== 'function_call_output') continue;
    if (!open.has(id)) return refuse(`No tool call found for function call output with call_id ${id}.`, 'input');
    open.set(id, true);
  }
  for (const [id, answered] of open) {
    if (!answered) return refuse(`No tool output found for function call ${id}.`, 'input');
  }
  return undefined;
}

/** Why the vendor would refuse this body; undefined where it would not. */
export function refuseResponses(body: unknown): OpenAIError | undefined {
  if (!isObject(body)) {
    const message = 'We could not parse the JSON body of your request. The API expects a JSON object.';
    return { status: 400, message, plain: true };
  }
  const { model, input, stream, messages } = body;
  if (typeof model !== 'string' || model === '') {
    return refuse("Missing required parameter: 'model'.", 'model', 'missing_required_parameter');
  }
  if (messages !== undefined) return refuse("Unknown parameter: 'messages'.", 'messages', 'unknown_parameter');
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') {
    return refuse("Invalid type for 'stream': expected a boolean.", 'stream', 'invalid_type');
  }
  if (typeof input === 'string') return undefined;
  if (!Array.isArray(input)) {
    return refuse("Invalid type for 'input': expected a string or an array of items.", 'input', 'invalid_type');
  }
  const wrong = input.findIndex((item) => !isObject(item));
  if (wrong >= 0) return refuse(`Invalid type for 'input[${wrong}]': expected an object.`, 'input', 'invalid_type');
  return refuseToolOrder(listOf(input));
}
