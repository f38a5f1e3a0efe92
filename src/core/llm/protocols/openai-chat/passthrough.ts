import type { JsonObject } from '../../canonical/request.ts';
import type { FinishReason } from '../../canonical/response.ts';
import { isJsonObject } from '../json-object.ts';
import { modelName } from '../model-name.ts';
import type { EventFacts, PassthroughProtocol } from '../passthrough.ts';
import { appendMember, spliceModel } from '../splice.ts';
import { failureIn, unreadable } from './failure.ts';
import { finishReason } from './finish.ts';
import { readChunkUsage, readUsage } from './usage.ts';

const NOTHING: EventFacts = { content: false, finished: false, usageOnly: false };
const DONE: EventFacts = { content: false, finished: true, usageOnly: false };

const ANSWER = 'an answer that cannot be read';

/** Members of a chunk's delta that are content, ours and those of compatible vendors. */
const CONTENT_MEMBERS = [
  'content',
  'tool_calls',
  'function_call',
  'refusal',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'audio',
] as const;

export const openaiChatPassthrough: PassthroughProtocol = {
  patchRequest(bytes, body, model) {
    const addUsage = body['stream'] === true && !this.wantsStreamUsage(body);
    const renamed = body['model'] === model ? bytes : spliceModel(bytes, body['model'] as string, model);
    const options = body['stream_options'];
    if (renamed !== undefined && !addUsage) return renamed;
    if (renamed !== undefined && !('stream_options' in body)) {
      return appendMember(renamed, '"stream_options":{"include_usage":true}');
    }
    const patched: JsonObject = { ...body, model };
    if (addUsage) patched['stream_options'] = { ...(isJsonObject(options) ? options : {}), include_usage: true };
    return JSON.stringify(patched);
  },

  wantsStreamUsage(body) {
    const options = body['stream_options'];
    return isJsonObject(options) && options['include_usage'] === true;
  },

  readResponse(body) {
    if (!isJsonObject(body)) throw unreadable(ANSWER);
    if (!Array.isArray(body['choices'])) throw failureIn(body) ?? unreadable(ANSWER);
    let finish: FinishReason | undefined;
    for (const choice of body['choices']) {
      if (!isJsonObject(choice) || !isJsonObject(choice['message'])) throw unreadable(ANSWER);
      finish ??= finishOf(choice);
    }
    if (body['choices'].length === 0) throw unreadable(ANSWER);
    return {
      model: modelName(body),
      usage: readUsage(body['usage'], body['service_tier']),
      finish,
    };
  },

  readEvent(data) {
    if (data === '[DONE]') return DONE;
    let body: unknown;
    try {
      body = JSON.parse(data);
    } catch {
      return { ...NOTHING, failure: unreadable('an event that is not JSON') };
    }
    if (!isJsonObject(body)) return { ...NOTHING, failure: unreadable(ANSWER) };
    const choices = Array.isArray(body['choices']) ? body['choices'] : [];
    const failure = failureIn(body);
    if (failure !== undefined) return { ...NOTHING, failure };
    let content = false;
    let finish: FinishReason | undefined;
    for (const choice of choices) {
      if (!isJsonObject(choice)) continue;
      finish ??= finishOf(choice);
      const delta = choice['delta'];
      if (isJsonObject(delta) && CONTENT_MEMBERS.some((member) => isContent(delta[member]))) content = true;
    }
    const usage = readChunkUsage(body);
    const finished = finish !== undefined;
    return {
      model: modelName(body),
      content: content || finished,
      finished,
      finish,
      usage,
      usageOnly: usage !== undefined && choices.length === 0,
    };
  },
};

function finishOf(choice: JsonObject): FinishReason | undefined {
  const native = choice['finish_reason'];
  return typeof native === 'string' ? finishReason(native, false) : undefined;
}

function isContent(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  return !Array.isArray(value) || value.length > 0;
}
