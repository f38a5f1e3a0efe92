import type { JsonObject } from '../../canonical/request.ts';
import type { FinishReason } from '../../canonical/response.ts';
import { isJsonObject } from '../json-object.ts';
import type { EventFacts, PassthroughProtocol } from '../passthrough.ts';
import { errorUnderSuccess, streamFailure, unreadable } from './error.ts';
import { finishReason, isSet } from './finish.ts';
import { readUsage } from './usage.ts';

const NOTHING: EventFacts = { content: false, finished: false, usageOnly: false };

export const googlePassthrough: PassthroughProtocol = {
  /** The path names the model, and usage is in every stream: nothing to change. */
  patchRequest: (bytes) => bytes,

  wantsStreamUsage: () => true,

  readResponse(body) {
    if (!isJsonObject(body)) throw unreadable('an answer that is not a JSON object');
    const { candidates } = body;
    const answered = Array.isArray(candidates) && candidates.length > 0 && candidates.every(isJsonObject);
    if (!answered && !isBlocked(body['promptFeedback'])) {
      throw errorUnderSuccess(body) ?? unreadable('an answer without candidates');
    }
    return {
      model: modelOf(body),
      usage: readUsage(body['usageMetadata']),
      finish: finishOf(body),
    };
  },

  readEvent(data) {
    let body: unknown;
    try {
      body = JSON.parse(data);
    } catch (cause) {
      return { ...NOTHING, failure: unreadable('an event that is not JSON', cause) };
    }
    if (!isJsonObject(body)) return { ...NOTHING, failure: unreadable('an event that is not a JSON object') };
    if (isJsonObject(body['error'])) return { ...NOTHING, failure: streamFailure(body) };
    let content = false;
    const finish = finishOf(body);
    const finished = finish !== undefined;
    for (const candidate of Array.isArray(body['candidates']) ? body['candidates'] : []) {
      if (!isJsonObject(candidate)) continue;
      const parts = isJsonObject(candidate['content']) ? candidate['content']['parts'] : undefined;
      if (Array.isArray(parts) && parts.some(isContent)) content = true;
    }
    const usage = readUsage(body['usageMetadata']);
    return { model: modelOf(body), content: content || finished, finished, finish, usage, usageOnly: false };
  },
};

function modelOf({ modelVersion }: JsonObject): string | undefined {
  return typeof modelVersion === 'string' ? modelVersion : undefined;
}

/** The first candidate's reason to stop; a prompt that was blocked has no candidates. */
function finishOf(body: JsonObject): FinishReason | undefined {
  if (isBlocked(body['promptFeedback'])) return 'content_filter';
  for (const candidate of Array.isArray(body['candidates']) ? body['candidates'] : []) {
    if (isJsonObject(candidate) && isSet(candidate['finishReason'])) {
      return finishReason(candidate['finishReason'], callsTools(candidate['content']));
    }
  }
  return undefined;
}

function callsTools(content: unknown): boolean {
  const parts = isJsonObject(content) ? content['parts'] : undefined;
  return Array.isArray(parts) && parts.some((part) => isJsonObject(part) && isJsonObject(part['functionCall']));
}

/** Every part is content but an empty text that proves nothing. */
function isContent(part: unknown): boolean {
  if (!isJsonObject(part)) return false;
  return part['text'] !== '' || isSet(part['thoughtSignature']);
}

function isBlocked(feedback: unknown): boolean {
  return isJsonObject(feedback) && isSet(feedback['blockReason']);
}
