import type { NexusError } from '../../../errors/nexus-error.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { FinishReason } from '../../canonical/response.ts';
import { isJsonObject } from '../json-object.ts';
import { modelName } from '../model-name.ts';
import type { EventFacts, PassthroughProtocol } from '../passthrough.ts';
import { spliceModel } from '../splice.ts';
import { errorUnderSuccess, streamFailure, unreadable } from './error.ts';
import { finishReason } from './finish.ts';
import { hasForeignThoughts, withoutForeignThoughts } from './foreign-thoughts.ts';
import { toJson } from './request.ts';
import { readUsage } from './usage.ts';

const NOTHING: EventFacts = { content: false, finished: false, usageOnly: false };
const CONTENT: EventFacts = { content: true, finished: false, usageOnly: false };
const FINISHED: EventFacts = { content: false, finished: true, usageOnly: false };

/** Members of a delta that are content when they hold something. */
const DELTA_MEMBERS = ['text', 'thinking', 'signature', 'partial_json'] as const;
/** Blocks that say something before their first delta: everything but text and thinking, which start empty. */
const EMPTY_BLOCKS = new Set<unknown>(['text', 'thinking']);

/** Messages to Messages. Usage is always in the stream; thoughts that other vendors' models had are taken out. */
export const anthropicPassthrough: PassthroughProtocol = {
  patchRequest(bytes, body, model) {
    if (hasForeignThoughts(bytes)) return toJson({ ...withoutForeignThoughts(body), model });
    if (body['model'] === model) return bytes;
    const renamed = typeof body['model'] === 'string' ? spliceModel(bytes, body['model'], model) : undefined;
    return renamed ?? toJson({ ...body, model });
  },

  // The official client marks beta calls there; anything else in a query could be a credential.
  forwardedQuery: (query) => (query.split('&').includes('beta=true') ? 'beta=true' : ''),

  wantsStreamUsage: () => true,

  readResponse(body) {
    if (!isJsonObject(body)) throw unreadable('an answer that is not a JSON object');
    if (body['type'] === 'error' || !Array.isArray(body['content'])) {
      throw errorUnderSuccess(body) ?? unreadable('an answer without content');
    }
    if (!body['content'].every(isJsonObject)) throw unreadable('a content block that is not an object');
    return { model: modelName(body), usage: readUsage(body['usage']), finish: finishOf(body) };
  },

  readEvent(data) {
    let frame: unknown;
    try {
      frame = JSON.parse(data);
    } catch (cause) {
      return failed(unreadable('an event that is not JSON', cause));
    }
    if (!isJsonObject(frame)) return failed(unreadable('an event that is not a JSON object'));
    switch (frame['type']) {
      case 'message_start': {
        const message = frame['message'];
        return isJsonObject(message)
          ? { ...NOTHING, model: modelName(message), usage: readUsage(message['usage']) }
          : NOTHING;
      }
      case 'content_block_start':
        return startsContent(frame['content_block']) ? CONTENT : NOTHING;
      case 'content_block_delta':
        return hasContent(frame['delta']) ? CONTENT : NOTHING;
      case 'message_delta': {
        const finish = isJsonObject(frame['delta']) ? finishOf(frame['delta']) : undefined;
        const finished = finish !== undefined;
        const counts = frame['usage'];
        // Older models close with the output count alone.
        const usageLacksInput = isJsonObject(counts) && typeof counts['input_tokens'] !== 'number';
        return { content: finished, finished, finish, usage: readUsage(counts), usageLacksInput, usageOnly: false };
      }
      case 'message_stop':
        return FINISHED;
      case 'error':
        return failed(streamFailure(frame));
      default:
        return NOTHING;
    }
  },
};

function finishOf(said: JsonObject): FinishReason | undefined {
  const reason = said['stop_reason'];
  return typeof reason === 'string' ? finishReason(reason) : undefined;
}

function failed(failure: NexusError): EventFacts {
  return { ...NOTHING, failure };
}

function startsContent(block: unknown): boolean {
  if (!isJsonObject(block)) return false;
  return !EMPTY_BLOCKS.has(block['type']) || hasContent(block);
}

function hasContent(piece: unknown): boolean {
  if (!isJsonObject(piece)) return false;
  return DELTA_MEMBERS.some((member) => isFilled(piece, member)) || isJsonObject(piece['citation']);
}

function isFilled(piece: JsonObject, member: string): boolean {
  const value = piece[member];
  return typeof value === 'string' && value !== '';
}
