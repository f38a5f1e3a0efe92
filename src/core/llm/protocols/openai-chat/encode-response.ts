import type { JsonObject, MediaPart, ReasoningPart, TextPart, ToolCallPart } from '../../canonical/request.ts';
import type { CanonicalResponse } from '../../canonical/response.ts';
import { customInput, type SpecialTools } from '../../canonical/special-tool.ts';
import { quote } from '../json-text.ts';
import type { EncodeContext } from '../protocol.ts';
import { writeAnswerSafety, writePromptSafety } from '../safety-members.ts';
import { writeServiceTier } from '../service-tier.ts';
import { writeAnnotation } from './annotation.ts';
import { writeLogprobs } from './logprobs.ts';
import { dataUrl } from './media.ts';
import { reasoningDetail } from './reasoning.ts';
import { writeUsage } from './usage.ts';

/**
 * A canonical answer → JSON text of a chat completion. Texts are joined as they are: models split them anywhere. What
 * the published format has no member for travels in the extensions that clients know: `reasoning_content`,
 * `reasoning_details`, `images`, `extra_content`, and what filters found (`../safety-members.ts`).
 */
export function encodeResponse(response: CanonicalResponse, context: EncodeContext): string {
  const message = new MessageWriter(context);
  for (const part of response.parts) {
    switch (part.type) {
      case 'text':
        message.addText(part);
        break;
      case 'refusal':
        message.refusal = (message.refusal ?? '') + part.text;
        break;
      case 'reasoning':
        message.addReasoning(part);
        break;
      case 'tool_call':
        message.addCall(part);
        break;
      case 'media':
        message.addMedia(part);
    }
  }
  const { logprobs, safety } = response;
  const choice =
    `{"index":0,"message":${message.write()},"logprobs":${writeLogprobs(logprobs)},` +
    `"finish_reason":"${response.finish}"${safety === undefined ? '' : writeAnswerSafety(safety)}}`;
  const usage = response.usage
    ? `,"usage":${writeUsage(response.usage)}${writeServiceTier(response.usage.serviceTier)}`
    : '';
  const id = response.id || `chatcmpl-${context.newId()}`;
  return (
    `{"id":${quote(id)},"object":"chat.completion","created":${context.created},` +
    `"model":${quote(context.model)},"choices":[${choice}]${usage}${safety === undefined ? '' : writePromptSafety(safety)}}`
  );
}

class MessageWriter {
  refusal: string | null = null;
  #text: string | null = null;
  #thoughts = '';
  #isProven = false;
  readonly #details: string[] = [];
  readonly #annotations: string[] = [];
  readonly #images: string[] = [];
  readonly #calls: string[] = [];
  readonly #special: SpecialTools | undefined;
  readonly #dropped: string[] | undefined;

  constructor({ specialTools, dropped }: EncodeContext) {
    this.#special = specialTools;
    this.#dropped = dropped;
  }

  addText({ text, citations }: TextPart): void {
    const start = this.#text?.length ?? 0;
    this.#text = (this.#text ?? '') + text;
    for (const citation of citations ?? []) this.#annotate(citation, start, start + text.length);
  }

  /** As soon as one thought is proven, `reasoning_details` holds all of them in order. */
  addReasoning(part: ReasoningPart): void {
    this.#thoughts += part.text;
    const proof = reasoningDetail(part);
    if (proof !== undefined) this.#isProven = true;
    if (proof === undefined && part.text === '') return;
    this.#details.push(proof ?? `{"type":"reasoning.text","text":${JSON.stringify(part.text)}}`);
  }

  addCall({ id, name, arguments: args, signature }: ToolCallPart): void {
    if (this.#special?.get(name)?.isCustom === true) {
      const custom = `{"name":${JSON.stringify(name)},"input":${JSON.stringify(customInput(args))}}`;
      this.#calls.push(`{"id":${quote(id)},"type":"custom","custom":${custom}${writeSignature(signature)}}`);
      return;
    }
    const called = `{"name":${JSON.stringify(name)},"arguments":${JSON.stringify(args || '{}')}}`;
    this.#calls.push(`{"id":${quote(id)},"type":"function","function":${called}${writeSignature(signature)}}`);
  }

  addMedia(part: MediaPart): void {
    const image = writeImage(part);
    if (image !== undefined) this.#images.push(image);
    else this.#dropped?.push(`answer.${part.kind}`);
  }

  write(): string {
    const thoughts = this.#thoughts === '' ? '' : `,"reasoning_content":${quote(this.#thoughts)}`;
    return (
      `{"role":"assistant","content":${textOrNull(this.#text)},"refusal":${textOrNull(this.refusal)}${thoughts}` +
      list('reasoning_details', this.#isProven ? this.#details : []) +
      list('annotations', this.#annotations) +
      list('images', this.#images) +
      `${list('tool_calls', this.#calls)}}`
    );
  }

  #annotate(citation: JsonObject, start: number, end: number): void {
    const annotation = writeAnnotation(citation, { start, end });
    if (annotation !== undefined) this.#annotations.push(annotation);
  }
}

/** An entry of `images`. Pictures only: clients know no place for sounds and films here. */
export function writeImage({ kind, mediaType, data, url }: MediaPart): string | undefined {
  const address = data === undefined ? url : dataUrl(mediaType ?? 'image/png', data);
  if (kind !== 'image' || address === undefined) return undefined;
  return `{"type":"image_url","image_url":{"url":${JSON.stringify(address)}}}`;
}

/** The member that carries Google's proof of the thought behind a call, or nothing. */
export function writeSignature(signature: string | undefined): string {
  if (signature === undefined) return '';
  return `,"extra_content":{"google":{"thought_signature":${JSON.stringify(signature)}}}`;
}

function textOrNull(text: string | null): string {
  return text === null ? 'null' : quote(text);
}

function list(name: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `,"${name}":[${items.join(',')}]`;
}
