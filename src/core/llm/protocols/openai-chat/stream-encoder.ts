import type { Usage } from '../../../exchange/usage.ts';
import type { CanonicalEvent } from '../../canonical/event.ts';
import type { FinishReason } from '../../canonical/response.ts';
import type { EncodeContext, StreamEncoder } from '../protocol.ts';
import { writeAnnotation } from './annotation.ts';
import { writeSignature } from './encode-response.ts';
import { encodeErrorEvent } from './error.ts';
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
  /** Thoughts since the last proof: the proof is given out together with what it proves. */
  #thought = '';
  /** Calls that have no argument bytes yet. */
  readonly #bareCalls = new Set<number>();
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
      case 'refusal':
        return event.text === '' ? '' : this.#delta(`{"refusal":${JSON.stringify(event.text)}}`);
      case 'citation': {
        const annotation = writeAnnotation(event.citation);
        return annotation === undefined ? '' : this.#delta(`{"annotations":[${annotation}]}`);
      }
      case 'tool_call':
        return this.#call(event.index, event.id, event.name, event.signature);
      case 'tool_arguments':
        return event.json === '' ? '' : this.#arguments(event.index, event.json);
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

  #call(index: number, id: string, name: string, signature: string | undefined): string {
    this.#bareCalls.add(index);
    const opened = `{"name":${JSON.stringify(name)},"arguments":""}${writeSignature(signature)}`;
    return this.#delta(
      `{"tool_calls":[{"index":${index},"id":${JSON.stringify(id)},"type":"function","function":${opened}}]}`,
    );
  }

  #arguments(index: number, json: string): string {
    this.#bareCalls.delete(index);
    return this.#delta(`{"tool_calls":[{"index":${index},"function":{"arguments":${JSON.stringify(json)}}}]}`);
  }

  #end(): string {
    let text = this.#head === '' ? this.#open('') : '';
    // A call without arguments must still be valid JSON for the client.
    for (const index of this.#bareCalls) text += this.#arguments(index, '{}');
    text += `${this.#head}{"index":0,"delta":{},"finish_reason":"${this.#finish ?? 'stop'}"}${this.#tail}`;
    if (this.#context.streamUsage && this.#usage !== undefined) {
      text += `${this.#head}],"usage":${writeUsage(this.#usage)}}\n\n`;
    }
    this.#closed = true;
    return `${text}data: [DONE]\n\n`;
  }
}
