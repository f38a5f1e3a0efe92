import type { NexusError } from '../../errors/nexus-error.ts';
import type { Usage } from '../../exchange/usage.ts';
import type { CanonicalEvent } from './event.ts';
import type { TokenLogprob } from './logprobs.ts';
import type { JsonObject, ReasoningPart, RefusalPart, TextPart, ToolCallPart } from './request.ts';
import type { CanonicalResponse, FinishReason, ResponsePart } from './response.ts';
import { mergeReports, type SafetyReport } from './safety.ts';

type Mutable<Part> = { -readonly [Member in keyof Part]: Part[Member] };

/** The events of one stream → the whole answer they add up to. */
export class AnswerCollector {
  /** Why the stream failed, once it has said so. */
  failure: NexusError | undefined;
  readonly #parts: ResponsePart[] = [];
  readonly #calls = new Map<number, Mutable<ToolCallPart>>();
  /** The part that goes on, if the next event is of its kind. */
  #open: Mutable<TextPart> | Mutable<RefusalPart> | Mutable<ReasoningPart> | undefined;
  /** Sources that came before the text they belong to. */
  #citations: JsonObject[] = [];
  #id = '';
  #model = '';
  #finish: FinishReason = 'stop';
  #stopSequence: string | undefined;
  #usage: Usage | undefined;
  readonly #logprobs: TokenLogprob[] = [];
  #safety: SafetyReport | undefined;
  #ended = false;

  take(event: CanonicalEvent): void {
    switch (event.type) {
      case 'start':
        this.#id = event.id;
        this.#model = event.model;
        break;
      case 'text':
      case 'refusal':
      case 'reasoning':
        this.#words(event.type, event.text);
        break;
      case 'text_end':
        if (this.#open?.type === 'text') this.#open = undefined;
        break;
      case 'citation':
        if (this.#open?.type === 'text') this.#open.citations = [...(this.#open.citations ?? []), event.citation];
        else this.#citations.push(event.citation);
        break;
      case 'reasoning_end': {
        const { type: _, ...proof } = event;
        if (this.#open?.type === 'reasoning') Object.assign(this.#open, proof);
        else if (proof.signature !== undefined || proof.redacted !== undefined) {
          this.#parts.push({ ...proof, type: 'reasoning', text: '' });
        }
        this.#open = undefined;
        break;
      }
      case 'tool_call': {
        const { index, id, name, signature } = event;
        const call = {
          type: 'tool_call' as const,
          id,
          name,
          arguments: '',
          ...(signature !== undefined && { signature }),
        };
        this.#calls.set(index, call);
        this.#add(call);
        break;
      }
      case 'tool_arguments': {
        const call = this.#calls.get(event.index);
        if (call !== undefined) call.arguments += event.json;
        break;
      }
      case 'media':
        this.#add(event.media);
        break;
      case 'finish':
        this.#finish = event.reason;
        this.#stopSequence = event.stopSequence;
        break;
      case 'usage':
        this.#usage = event.usage;
        break;
      case 'logprobs':
        for (const token of event.tokens) this.#logprobs.push(token);
        break;
      case 'safety':
        this.#safety = mergeReports(this.#safety, event.report);
        break;
      case 'error':
        this.failure = event.error;
        break;
      case 'end':
        this.#ended = true;
    }
  }

  /** `undefined` when the stream did not come to its end. */
  answer(): CanonicalResponse | undefined {
    if (!this.#ended || this.failure !== undefined) return undefined;
    return {
      id: this.#id,
      model: this.#model,
      parts: this.#parts,
      finish: this.#finish,
      ...(this.#stopSequence !== undefined && { stopSequence: this.#stopSequence }),
      ...(this.#logprobs.length > 0 && { logprobs: this.#logprobs }),
      ...(this.#safety !== undefined && { safety: this.#safety }),
      usage: this.#usage,
    };
  }

  #words(type: 'text' | 'refusal' | 'reasoning', text: string): void {
    if (text === '') return;
    if (this.#open?.type === type) {
      this.#open.text += text;
      return;
    }
    const part = { type, text };
    this.#parts.push(part);
    this.#open = part;
    if (part.type !== 'text' || this.#citations.length === 0) return;
    Object.assign(part, { citations: this.#citations });
    this.#citations = [];
  }

  #add(part: ResponsePart): void {
    this.#open = undefined;
    this.#parts.push(part);
  }
}
