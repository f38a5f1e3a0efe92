import type { Usage } from '../../../exchange/usage.ts';
import { CustomInputReader } from '../../canonical/custom-input-reader.ts';
import type { CanonicalEvent } from '../../canonical/event.ts';
import type { FinishReason } from '../../canonical/response.ts';
import { mergeReports, type SafetyReport } from '../../canonical/safety.ts';
import type { EncodeContext, StreamEncoder } from '../protocol.ts';
import { writeAnswerSafety, writePromptSafety } from '../safety-members.ts';
import { writeServiceTier } from '../service-tier.ts';
import { writeAnnotation } from './annotation.ts';
import { writeImage, writeSignature } from './encode-response.ts';
import { encodeErrorEvent } from './error.ts';
import { writeLogprobs } from './logprobs.ts';
import { reasoningDetail } from './reasoning.ts';
import { writeUsage } from './usage.ts';

/**
 * Canonical events → chat completion chunks. Finish and usage are held until the upstream has ended, because formats
 * differ in which of them comes first; this one wants the finish chunk, then the usage chunk, then `[DONE]`.
 */
export class ChatStreamEncoder implements StreamEncoder {
  readonly #context: EncodeContext;
  /** Everything of a chunk before and after what it says; written once per answer. */
  #head = '';
  #tail = '';
  #finish: FinishReason | undefined;
  #usage: Usage | undefined;
  #safety: SafetyReport | undefined;
  /** Thoughts since the last proof: the proof is given out together with what it proves. */
  #thought = '';
  /** Calls that have no argument bytes yet. */
  readonly #bareCalls = new Set<number>();
  /** Calls of custom tools. */
  #customCalls: Map<number, CustomInputReader> | undefined;
  #closed = false;

  constructor(context: EncodeContext) {
    this.#context = context;
  }

  encode(event: CanonicalEvent): string {
    if (this.#closed) return '';
    switch (event.type) {
      case 'start':
        return this.#head === '' ? this.#open(event.id) : '';
      case 'text':
        return event.text === '' ? '' : this.#delta(`{"content":${JSON.stringify(event.text)}}`);
      case 'reasoning':
        if (event.text === '') return '';
        this.#thought += event.text;
        return this.#delta(`{"reasoning_content":${JSON.stringify(event.text)}}`);
      case 'reasoning_end': {
        const detail = reasoningDetail({ ...event, text: this.#thought });
        this.#thought = '';
        return detail === undefined ? '' : this.#delta(`{"reasoning_details":[${detail}]}`);
      }
      case 'logprobs':
        return this.#logprobs(writeLogprobs(event.tokens));
      case 'safety':
        this.#safety = mergeReports(this.#safety, event.report);
        return '';
      case 'refusal':
        return event.text === '' ? '' : this.#delta(`{"refusal":${JSON.stringify(event.text)}}`);
      case 'citation': {
        const annotation = writeAnnotation(event.citation);
        return annotation === undefined ? '' : this.#delta(`{"annotations":[${annotation}]}`);
      }
      case 'media': {
        const image = writeImage(event.media);
        return image === undefined ? '' : this.#delta(`{"images":[${image}]}`);
      }
      case 'tool_call':
        return this.#call(event.index, event.id, event.name, event.signature);
      case 'tool_arguments':
        return event.json === '' ? '' : this.#arguments(event.index, event.json);
      case 'text_end':
        return '';
      case 'finish':
        this.#finish = event.reason;
        return '';
      case 'usage':
        this.#usage = event.usage;
        return '';
      case 'error':
        this.#closed = true;
        return encodeErrorEvent(event.error);
      case 'end':
        return this.#end();
    }
  }

  #open(upstreamId: string): string {
    const { created, model, streamUsage, newId } = this.#context;
    const id = upstreamId || `chatcmpl-${newId()}`;
    this.#head =
      `data: {"id":${JSON.stringify(id)},"object":"chat.completion.chunk","created":${created},` +
      `"model":${JSON.stringify(model)},"choices":[`;
    this.#tail = streamUsage ? '],"usage":null}\n\n' : ']}\n\n';
    return this.#delta('{"role":"assistant","content":""}');
  }

  #delta(delta: string): string {
    return `${this.#head}{"index":0,"delta":${delta},"finish_reason":null}${this.#tail}`;
  }

  /** In a chunk before the text they belong to: clients collect both apart. */
  #logprobs(logprobs: string): string {
    const open = this.#head === '' ? this.#open('') : '';
    return `${open}${this.#head}{"index":0,"delta":{},"logprobs":${logprobs},"finish_reason":null}${this.#tail}`;
  }

  #call(index: number, id: string, name: string, signature: string | undefined): string {
    if (this.#context.specialTools?.get(name)?.isCustom === true) return this.#customCall(index, id, name, signature);
    this.#bareCalls.add(index);
    const opened = `{"name":${JSON.stringify(name)},"arguments":""}${writeSignature(signature)}`;
    return this.#delta(
      `{"tool_calls":[{"index":${index},"id":${JSON.stringify(id)},"type":"function","function":${opened}}]}`,
    );
  }

  #customCall(index: number, id: string, name: string, signature: string | undefined): string {
    this.#customCalls ??= new Map();
    this.#customCalls.set(index, new CustomInputReader());
    const opened = `{"name":${JSON.stringify(name)},"input":""}${writeSignature(signature)}`;
    return this.#delta(
      `{"tool_calls":[{"index":${index},"id":${JSON.stringify(id)},"type":"custom","custom":${opened}}]}`,
    );
  }

  #customInput(index: number, input: string): string {
    if (input === '') return '';
    return this.#delta(`{"tool_calls":[{"index":${index},"custom":{"input":${JSON.stringify(input)}}}]}`);
  }

  #arguments(index: number, json: string): string {
    const custom = this.#customCalls?.get(index);
    if (custom !== undefined) return this.#customInput(index, custom.push(json));
    this.#bareCalls.delete(index);
    return this.#delta(`{"tool_calls":[{"index":${index},"function":{"arguments":${JSON.stringify(json)}}}]}`);
  }

  #end(): string {
    let text = this.#head === '' ? this.#open('') : '';
    // A call without arguments must still be valid JSON for the client.
    for (const index of this.#bareCalls) text += this.#arguments(index, '{}');
    if (this.#customCalls !== undefined) {
      for (const [index, reader] of this.#customCalls) text += this.#customInput(index, reader.end());
    }
    text += this.#finishChunk();
    if (this.#context.streamUsage && this.#usage !== undefined) {
      text += `${this.#head}],"usage":${writeUsage(this.#usage)}${writeServiceTier(this.#usage.serviceTier)}}\n\n`;
    }
    this.#closed = true;
    return `${text}data: [DONE]\n\n`;
  }

  /** What filters found stands where Azure has it: of the answer in the choice, of the prompt beside it. */
  #finishChunk(): string {
    const safety = this.#safety;
    const finish = `{"index":0,"delta":{},"finish_reason":"${this.#finish ?? 'stop'}"`;
    if (safety === undefined) return `${this.#head}${finish}}${this.#tail}`;
    const usage = this.#context.streamUsage ? ',"usage":null' : '';
    return `${this.#head}${finish}${writeAnswerSafety(safety)}}]${usage}${writePromptSafety(safety)}}\n\n`;
  }
}
