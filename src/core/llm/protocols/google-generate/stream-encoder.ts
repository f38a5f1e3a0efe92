import type { Usage } from '../../../exchange/usage.ts';
import type { CanonicalEvent } from '../../canonical/event.ts';
import type { FinishReason } from '../../canonical/response.ts';
import { mergeReports, type SafetyReport } from '../../canonical/safety.ts';
import type { EncodeContext, StreamEncoder } from '../protocol.ts';
import { encodeErrorEvent } from './error.ts';
import { writeFinish } from './finish.ts';
import { writeLogprobs } from './logprobs.ts';
import { encodeMedia } from './media.ts';
import { writeCandidateSafety, writePromptSafety } from './safety.ts';
import { writeUsage } from './usage.ts';
import { type WholeCall, writeCallPart } from './write-call.ts';

interface OpenCall extends WholeCall {
  arguments: string;
}

/**
 * Canonical events → a stream of whole GenerateContentResponses. Calls are held until they are whole, that is until
 * something else follows: their arguments may come in turns. Finish and usage are held for the last frame; the end of
 * the body is the end of the stream.
 */
export class GenerateStreamEncoder implements StreamEncoder {
  readonly #context: EncodeContext;
  /** The end of every frame; written once per answer. */
  #tail = '';
  #finish: FinishReason = 'stop';
  #usage: Usage | undefined;
  #calls = new Map<number, OpenCall>();
  #unreadableCall = false;
  #hasRefusal = false;
  #safety: SafetyReport | undefined;
  /** Of the text that comes next, as a member of its candidate. */
  #logprobs = '';
  /** Reasoning text is out that nothing has closed yet. */
  #thinking = false;
  #closed = false;

  constructor(context: EncodeContext) {
    this.#context = context;
  }

  encode(event: CanonicalEvent): string {
    if (this.#closed) return '';
    switch (event.type) {
      case 'start':
        this.#open(event.id);
        return '';
      case 'logprobs':
        // Text that never came is no reason to lose them.
        if (this.#logprobs !== '') return this.#part('{"text":""}') + this.encode(event);
        this.#logprobs = writeLogprobs(event.tokens);
        return '';
      case 'safety':
        this.#safety = mergeReports(this.#safety, event.report);
        return '';
      case 'refusal':
        this.#hasRefusal = true;
        return event.text === '' ? '' : this.#part(`{"text":${JSON.stringify(event.text)}}`);
      case 'text':
        return event.text === '' ? '' : this.#part(`{"text":${JSON.stringify(event.text)}}`);
      case 'reasoning':
        this.#thinking = true;
        return event.text === '' ? '' : this.#part(`{"text":${JSON.stringify(event.text)},"thought":true}`);
      case 'reasoning_end': {
        const thought = this.#thinking ? ',"thought":true' : '';
        this.#thinking = false;
        if (event.signature === undefined || event.origin !== 'google') return '';
        return this.#part(`{"text":""${thought},"thoughtSignature":${JSON.stringify(event.signature)}}`);
      }
      case 'tool_call': {
        const { index, id, name, signature } = event;
        this.#calls.set(index, { id, name, arguments: '', ...(signature !== undefined && { signature }) });
        return '';
      }
      case 'tool_arguments': {
        const call = this.#calls.get(event.index);
        if (call !== undefined) call.arguments += event.json;
        return '';
      }
      case 'finish':
        this.#finish = event.reason;
        return '';
      case 'usage':
        this.#usage = event.usage;
        return '';
      case 'media':
        // A file at another vendor cannot be shown here.
        return event.media.fileId === undefined ? this.#part(JSON.stringify(encodeMedia(event.media))) : '';
      case 'citation':
      case 'text_end':
        return '';
      case 'error':
        this.#closed = true;
        return encodeErrorEvent(event.error, event.requestId);
      case 'end':
        return this.#end();
    }
  }

  #open(id: string): void {
    if (this.#tail !== '') return;
    const { model, newId } = this.#context;
    this.#tail = `,"modelVersion":${JSON.stringify(model)},"responseId":${JSON.stringify(id || newId())}}\r\n\r\n`;
  }

  #part(part: string): string {
    if (this.#tail === '') this.#open('');
    const calls = this.#calls.size > 0 ? this.#takeCalls() : '';
    const parts = calls === '' ? part : `${calls},${part}`;
    return `data: {"candidates":[{"content":{"parts":[${parts}],"role":"model"},"index":0${this.#takeLogprobs()}}]${this.#tail}`;
  }

  #takeLogprobs(): string {
    const logprobs = this.#logprobs;
    this.#logprobs = '';
    return logprobs;
  }

  /** JSON text of the calls that are open, between commas. */
  #takeCalls(): string {
    const parts: string[] = [];
    for (const call of this.#calls.values()) {
      const part = writeCallPart(call);
      if (part === undefined) this.#unreadableCall = true;
      else parts.push(part);
    }
    this.#calls = new Map();
    return parts.join(',');
  }

  #end(): string {
    if (this.#tail === '') this.#open('');
    this.#closed = true;
    const parts = this.#takeCalls() || '{"text":""}';
    const finish = writeFinish(this.#finish, { unreadableCall: this.#unreadableCall, hasRefusal: this.#hasRefusal });
    const safety = this.#safety;
    const ratings = safety === undefined ? '' : writeCandidateSafety(safety);
    const usage = this.#usage ? `,"usageMetadata":${writeUsage(this.#usage)}` : '';
    return (
      `data: {"candidates":[{"content":{"parts":[${parts}],"role":"model"},"finishReason":"${finish}","index":0` +
      `${ratings}${this.#takeLogprobs()}}]${usage}${safety === undefined ? '' : writePromptSafety(safety)}${this.#tail}`
    );
  }
}
