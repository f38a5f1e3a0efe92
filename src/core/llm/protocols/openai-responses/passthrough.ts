import type { JsonObject } from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';
import { modelName } from '../model-name.ts';
import type { EventFacts, PassthroughProtocol } from '../passthrough.ts';
import { spliceModel } from '../splice.ts';
import { finishOf } from './decode-response.ts';
import { eventFailure, failureOf, unreadable } from './error.ts';
import { isForeignThought } from './thought.ts';
import { readUsage } from './usage.ts';

const NOTHING: EventFacts = { content: false, finished: false, usageOnly: false };
const CONTENT: EventFacts = { content: true, finished: false, usageOnly: false };

/** Items that say nothing until their own events come. */
const SILENT_ITEMS = new Set<unknown>(['message', 'reasoning']);

export const responsesPassthrough: PassthroughProtocol = {
  patchRequest(bytes, body, model) {
    const { input } = body;
    // A client may have talked to another vendor's model before; OpenAI refuses proofs it has not minted.
    if (Array.isArray(input) && input.some(isForeignThought)) {
      return JSON.stringify({ ...body, model, input: input.filter((item) => !isForeignThought(item)) });
    }
    if (body['model'] === model) return bytes;
    return spliceModel(bytes, String(body['model']), model) ?? JSON.stringify({ ...body, model });
  },

  /** The last event of every stream has it. */
  wantsStreamUsage: () => true,

  readResponse(body) {
    if (!isJsonObject(body)) throw unreadable('an answer that is not a JSON object');
    if (isFailure(body)) throw failureOf(body);
    if (!Array.isArray(body['output'])) throw unreadable('an answer without output');
    return { model: modelName(body), usage: readUsage(body), finish: finishOf(body, callsTools(body)) };
  },

  readEvent(data) {
    // Some hosts close with the other format's terminator.
    if (data === '[DONE]') return NOTHING;
    let event: unknown;
    try {
      event = JSON.parse(data);
    } catch {
      return { ...NOTHING, failure: unreadable('an event that is not JSON') };
    }
    if (!isJsonObject(event)) return { ...NOTHING, failure: unreadable('an event that is not a JSON object') };
    return readFacts(event);
  },
};

function readFacts(event: JsonObject): EventFacts {
  const { type } = event;
  switch (type) {
    case 'response.created':
      return isJsonObject(event['response']) ? { ...NOTHING, model: modelName(event['response']) } : NOTHING;
    case 'response.completed':
    case 'response.incomplete':
    case 'response.failed': {
      const response = isJsonObject(event['response']) ? event['response'] : {};
      const usage = readUsage(response);
      if (type === 'response.failed') return { ...NOTHING, usage, failure: failureOf(response) };
      const finish = finishOf(response, callsTools(response));
      return { model: modelName(response), content: true, finished: true, finish, usage, usageOnly: false };
    }
    case 'error':
      return { ...NOTHING, failure: eventFailure(event) };
    case 'response.output_item.added':
      return isJsonObject(event['item']) && !SILENT_ITEMS.has(event['item']['type']) ? CONTENT : NOTHING;
    case 'response.output_item.done':
    case 'response.function_call_arguments.done':
      return CONTENT;
    default:
      if (typeof type === 'string') return type.endsWith('.delta') && event['delta'] !== '' ? CONTENT : NOTHING;
      // A host that fails without an event of this format.
      return isFailure(event) ? { ...NOTHING, failure: failureOf(event) } : NOTHING;
  }
}

function callsTools({ output }: JsonObject): boolean {
  return Array.isArray(output) && output.some((item) => isJsonObject(item) && item['type'] === 'function_call');
}

function isFailure(body: JsonObject): boolean {
  const { error, status } = body;
  return status === 'failed' || isJsonObject(error) || (typeof error === 'string' && error !== '');
}
