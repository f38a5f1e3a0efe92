import type { Buffer } from 'node:buffer';
import type { Usage } from '../../exchange/usage.ts';
import type { JsonObject } from '../canonical/request.ts';
import { isJsonObject } from '../protocols/json-object.ts';
import { modelName } from '../protocols/model-name.ts';
import { failureIn } from '../protocols/openai-chat/failure.ts';
import { openaiChat } from '../protocols/openai-chat/index.ts';
import { appendMember, spliceModel } from '../protocols/splice.ts';
import { unreadableAnswer } from './dialect.ts';
import type { EmbeddingsRequest } from './request.ts';
import { toFormat, vectorFormat } from './vector.ts';

/** The client's own bytes but for the model's name. */
export function patchEmbeddingsRequest(bytes: Buffer, { body, model: asked }: EmbeddingsRequest, model: string) {
  if (asked === model) return bytes;
  return spliceModel(bytes, asked, model) ?? JSON.stringify({ ...body, model });
}

/** What the client must find in an answer. */
export interface WantedAnswer {
  readonly request: EmbeddingsRequest;
  /** The name it must see instead of the upstream's; absent: the answer keeps its own. */
  readonly model: string | undefined;
  /** Stands in for usage the upstream does not report. */
  readonly estimate: () => Usage;
}

export interface EmbeddingsAnswer {
  readonly body: Buffer | string;
  /** The model that answered, where the upstream says which. */
  readonly responseModel: string | undefined;
  readonly usage: Usage;
  /** The usage is our estimate, not the upstream's count. */
  readonly estimated: boolean;
}

/**
 * Reads an answer of OpenAI's format, and hands on its bytes untouched where they are what the client asked for. They
 * are patched where hosts fall short: vectors in the other format (several know one only), items without an index,
 * no usage. Throws `upstream_invalid` when it is no answer, or has another number of vectors than were asked for.
 */
export function readEmbeddingsAnswer(bytes: Buffer, value: unknown, wanted: WantedAnswer): EmbeddingsAnswer {
  if (!isJsonObject(value)) throw unreadableAnswer();
  const { data, usage: told } = value;
  if (!Array.isArray(data)) throw failureIn(value) ?? unreadableAnswer();
  const { count, format } = wanted.request;
  if (data.length !== count || !data.every(isJsonObject)) throw unreadableAnswer();
  const reported = openaiChat.readUsage(told);
  const usage = reported ?? wanted.estimate();
  const estimated = reported === undefined;
  const fits = data.every((item, index) => fitsAlready(item, index, format));
  const body = fits
    ? patchedBytes(bytes, value, wanted.model, estimated ? usage : undefined)
    : JSON.stringify({
        ...value,
        data: data.map((item: JsonObject, index) => ({
          ...item,
          embedding: toFormat(item['embedding'], format),
          index: indexOf(item, index),
        })),
        ...(wanted.model !== undefined && { model: wanted.model }),
        ...(estimated && { usage: usageObject(usage) }),
      });
  return { body, responseModel: modelName(value), usage, estimated };
}

function fitsAlready(item: JsonObject, index: number, format: EmbeddingsRequest['format']): boolean {
  return vectorFormat(item['embedding']) === format && item['index'] === indexOf(item, index);
}

const indexOf = (item: JsonObject, index: number): unknown =>
  typeof item['index'] === 'number' ? item['index'] : index;

function patchedBytes(bytes: Buffer, value: JsonObject, model: string | undefined, usage: Usage | undefined) {
  const current = value['model'];
  let patched: Buffer | undefined = bytes;
  if (model !== undefined) patched = typeof current === 'string' ? spliceModel(bytes, current, model) : undefined;
  if (usage === undefined) return patched ?? JSON.stringify({ ...value, model });
  if (patched !== undefined && !('usage' in value)) {
    return appendMember(patched, `"usage":${JSON.stringify(usageObject(usage))}`);
  }
  return JSON.stringify({ ...value, ...(model !== undefined && { model }), usage: usageObject(usage) });
}

/** Tokens as the format writes them; nothing is generated, so there is nothing else to count. */
export function usageObject({ input }: Usage): JsonObject {
  return { prompt_tokens: input, total_tokens: input };
}

/** JSON text of a whole answer. */
export function encodeEmbeddingsAnswer(
  vectors: readonly (string | readonly number[])[],
  model: string,
  usage: Usage,
): string {
  const data = vectors.map((embedding, index) => ({ object: 'embedding', index, embedding }));
  return JSON.stringify({ object: 'list', data, model, usage: usageObject(usage) });
}
