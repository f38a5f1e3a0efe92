import type { NexusError } from '../../../errors/nexus-error.ts';
import type { CanonicalEvent } from '../../canonical/event.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { SafetyReport } from '../../canonical/safety.ts';
import { isJsonObject } from '../json-object.ts';
import type { DecodeContext, StreamDecoder } from '../protocol.ts';
import { readAnnotations } from './annotation.ts';
import { readContent } from './content.ts';
import { failureIn, unreadable } from './failure.ts';
import { breakdown, finishReason } from './finish.ts';
import { readLogprobs } from './logprobs.ts';
import { readSafety } from './safety.ts';
import { ReasoningReader } from './stream-reasoning.ts';
import { ToolCallReader } from './stream-tool-calls.ts';
import { readChunkUsage } from './usage.ts';

type Emit = (event: CanonicalEvent) => void;

/**
 * Chat completion chunks → canonical events, from every host of this format: chunks without choices, usage in the
 * finish chunk, in one of its own or under `x_groq`, errors in the middle, ends without `[DONE]`. A chunk that cannot be
 * read ends the answer with `error`; nothing is thrown and nothing is emitted after `error` or `end`.
 */
export class ChatStreamDecoder implements StreamDecoder {
  readonly #calls: ToolCallReader;
  readonly #reasoning = new ReasoningReader();
  #state: 'waiting' | 'open' | 'closed' = 'waiting';
  #finished = false;
  /** What Azure found in the prompt: it says so before the answer has a name. */
  #found: SafetyReport | undefined;

  constructor(context: DecodeContext) {
    this.#calls = new ToolCallReader(context);
  }

  decode(data: string, event: string | undefined, emit: Emit): void {
    if (this.#state === 'closed') return;
    const failure = data === '[DONE]' ? this.#end(emit) : this.#read(data, event, emit);
    if (failure === undefined) return;
    this.#state = 'closed';
    emit({ type: 'error', error: failure });
  }

  /** Not every host sends `[DONE]`: an answer that has said why it stopped is whole. */
  close(emit: Emit): void {
    if (this.#state !== 'closed' && this.#finished) this.#end(emit);
  }

  /** Reports what the frame says, or returns why the answer cannot go on. */
  #read(data: string, event: string | undefined, emit: Emit): NexusError | undefined {
    const chunk = parseChunk(data);
    // One event that got lost on its way is less than the answer: whether that is whole, its end tells.
    if (chunk === undefined) return undefined;
    if (!isJsonObject(chunk)) return unreadable('an event that is not a JSON object');
    const failure = failureIn(chunk);
    if (failure !== undefined) return failure;
    if (event === 'error') return failureIn({ error: chunk });
    const choices = Array.isArray(chunk['choices']) ? chunk['choices'] : [];
    if (this.#state === 'waiting') this.#start(chunk, choices.length > 0, emit);
    if (chunk['prompt_filter_results'] !== undefined) this.#filters(chunk, undefined, emit);
    for (const choice of choices) {
      const stopped = isJsonObject(choice) ? this.#choice(choice, emit) : unreadable('a choice that is not an object');
      if (stopped !== undefined) return stopped;
    }
    const usage = readChunkUsage(chunk);
    if (usage !== undefined) emit({ type: 'usage', usage });
    return undefined;
  }

  /** Azure opens with a chunk that has neither id nor model nor choices; they come with the next. */
  #start({ id, model }: JsonObject, hasChoices: boolean, emit: Emit): void {
    const known = { id: typeof id === 'string' ? id : '', model: typeof model === 'string' ? model : '' };
    if (known.id === '' && known.model === '' && !hasChoices) return;
    this.#state = 'open';
    emit({ type: 'start', ...known });
    if (this.#found !== undefined) emit({ type: 'safety', report: this.#found });
  }

  #choice(choice: JsonObject, emit: Emit): NexusError | undefined {
    const { index, delta, finish_reason: native } = choice;
    if (typeof index === 'number' && index !== 0) return undefined;
    const stopped = failureIn(choice) ?? breakdown(native);
    if (stopped !== undefined) return stopped;
    if (choice['content_filter_results'] !== undefined) this.#filters({}, choice, emit);
    if (isJsonObject(choice['logprobs'])) {
      const tokens = readLogprobs(choice['logprobs']);
      if (tokens.length > 0) emit({ type: 'logprobs', tokens });
    }
    if (isJsonObject(delta)) {
      const unread = this.#delta(delta, emit);
      if (unread !== undefined) return unread;
    }
    if (typeof native === 'string' && !this.#finished) this.#finish(native, emit);
    return undefined;
  }

  #delta(delta: JsonObject, emit: Emit): NexusError | undefined {
    const { content, refusal, annotations } = delta;
    if (typeof content === 'string') {
      this.#reasoning.read(delta, '', emit);
      if (content !== '') emit({ type: 'text', text: content });
    } else {
      const { reasoning, text } = readContent(content);
      this.#reasoning.read(delta, reasoning, emit);
      if (text !== '') emit({ type: 'text', text });
    }
    if (typeof refusal === 'string' && refusal !== '') emit({ type: 'refusal', text: refusal });
    if (annotations !== undefined) {
      for (const citation of readAnnotations(annotations)) emit({ type: 'citation', citation });
    }
    return this.#calls.read(delta, emit);
  }

  #filters(chunk: JsonObject, choice: JsonObject | undefined, emit: Emit): void {
    const report = readSafety(chunk, choice);
    if (report === undefined) return;
    if (this.#state === 'open') emit({ type: 'safety', report });
    else this.#found = report;
  }

  #finish(native: string, emit: Emit): void {
    this.#finished = true;
    emit({ type: 'finish', reason: finishReason(native, this.#calls.count > 0) });
  }

  #end(emit: Emit): NexusError | undefined {
    if (this.#state === 'waiting') return unreadable('a stream without an answer');
    // Snowflake closes its streams properly and never says why the model stopped.
    if (!this.#finished) this.#finish('', emit);
    this.#state = 'closed';
    emit({ type: 'end' });
    return undefined;
  }
}

function parseChunk(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
