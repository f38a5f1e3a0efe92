import type { NexusError } from '../../../errors/nexus-error.ts';
import type { CanonicalEvent } from '../../canonical/event.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';
import type { DecodeContext, StreamDecoder } from '../protocol.ts';
import { readTokens } from '../token-list.ts';
import { finishOf, proofOf, textOf } from './decode-response.ts';
import { eventFailure, failureOf, unreadable } from './error.ts';
import { readSafety } from './safety.ts';
import { readUsage } from './usage.ts';

type Emit = (event: CanonicalEvent) => void;

interface OpenCall {
  readonly index: number;
  /** Whether its arguments have begun. */
  begun: boolean;
}

/**
 * Events of a streamed response → canonical events. Kinds of events that Nexus does not know are skipped, as vendors
 * add them weekly. Nothing is thrown, and nothing is emitted after `error` or `end`.
 */
export class ResponsesStreamDecoder implements StreamDecoder {
  readonly #context: DecodeContext;
  #state: 'waiting' | 'open' | 'closed' = 'waiting';
  /** By `output_index`: items of one stream may overlap. */
  readonly #calls = new Map<unknown, OpenCall>();

  constructor(context: DecodeContext) {
    this.#context = context;
  }

  decode(data: string, _event: string | undefined, emit: Emit): void {
    // Some hosts close with the other format's terminator.
    if (this.#state === 'closed' || data === '[DONE]') return;
    const event = parse(data);
    // One event that got lost on its way is less than the answer: whether that is whole, its end tells.
    if (event === undefined) return;
    const failure = isJsonObject(event) ? this.#read(event, emit) : unreadable('an event that is not a JSON object');
    if (failure === undefined) return;
    this.#state = 'closed';
    emit({ type: 'error', error: failure });
  }

  /** Reports what the event says, or returns why the answer cannot go on. */
  #read(event: JsonObject, emit: Emit): NexusError | undefined {
    switch (event['type']) {
      case 'response.output_text.delta':
        return this.#words('text', event, emit);
      case 'response.refusal.delta':
        return this.#words('refusal', event, emit);
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        return this.#words('reasoning', event, emit);
      case 'response.function_call_arguments.delta':
        return this.#arguments(event['output_index'], event['delta'], emit);
      case 'response.reasoning_summary_part.added':
        if (Number(event['summary_index']) > 0) emit({ type: 'reasoning', text: '\n\n' });
        return undefined;
      case 'response.content_part.done':
        // Whatever text comes next is another part, or another message.
        if (isJsonObject(event['part']) && event['part']['type'] === 'output_text') emit({ type: 'text_end' });
        return undefined;
      case 'response.output_text.annotation.added':
        if (isJsonObject(event['annotation'])) emit({ type: 'citation', citation: event['annotation'] });
        return undefined;
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        this.#start(event['response'], emit);
        return undefined;
      case 'response.output_item.added':
        this.#start(undefined, emit);
        return isJsonObject(event['item']) ? this.#open(event, event['item'], emit) : undefined;
      case 'response.output_item.done':
        return isJsonObject(event['item']) ? this.#close(event, event['item'], emit) : undefined;
      case 'response.completed':
      case 'response.incomplete':
        return this.#end(event['response'], emit);
      case 'response.failed':
        return failureOf(isJsonObject(event['response']) ? event['response'] : {});
      case 'error':
        return eventFailure(event);
      default:
        return event['type'] === undefined && isJsonObject(event['error']) ? failureOf(event) : undefined;
    }
  }

  #start(response: unknown, emit: Emit): void {
    if (this.#state !== 'waiting') return;
    this.#state = 'open';
    const { id, model } = isJsonObject(response) ? response : { id: '', model: '' };
    emit({ type: 'start', id: textOf(id), model: textOf(model) });
  }

  #words(type: 'text' | 'refusal' | 'reasoning', event: JsonObject, emit: Emit): NexusError | undefined {
    const { delta } = event;
    if (typeof delta !== 'string') return unreadable('a piece of text that is not a string');
    this.#start(undefined, emit);
    const tokens = readTokens(event['logprobs']);
    if (tokens.length > 0) emit({ type: 'logprobs', tokens });
    if (delta !== '') emit({ type, text: delta });
    return undefined;
  }

  #arguments(at: unknown, json: unknown, emit: Emit): NexusError | undefined {
    const call = this.#calls.get(at);
    if (call === undefined || typeof json !== 'string') return unreadable('arguments of a call that is not open');
    if (json === '') return undefined;
    call.begun = true;
    emit({ type: 'tool_arguments', index: call.index, json });
    return undefined;
  }

  #open(event: JsonObject, item: JsonObject, emit: Emit): NexusError | undefined {
    if (item['type'] !== 'function_call') return undefined;
    const { call_id: id, name } = item;
    const at = event['output_index'];
    if (typeof name !== 'string' || name === '') return unreadable('a call without a name');
    if (this.#calls.has(at)) return unreadable('two calls in one place');
    const index = this.#calls.size;
    this.#calls.set(at, { index, begun: false });
    emit({ type: 'tool_call', index, id: textOf(id) || this.#context.newId(), name });
    return undefined;
  }

  /** Some hosts send the arguments whole, with the end of the item. */
  #close(event: JsonObject, item: JsonObject, emit: Emit): NexusError | undefined {
    if (item['type'] === 'reasoning') emit({ type: 'reasoning_end', ...proofOf(item) });
    if (item['type'] !== 'function_call') return undefined;
    const at = event['output_index'];
    if (!this.#calls.has(at)) {
      this.#start(undefined, emit);
      const failure = this.#open(event, item, emit);
      if (failure !== undefined) return failure;
    }
    return this.#calls.get(at)?.begun === true ? undefined : this.#arguments(at, textOf(item['arguments']), emit);
  }

  #end(response: unknown, emit: Emit): NexusError | undefined {
    if (!isJsonObject(response)) return unreadable('an end without the answer');
    this.#start(response, emit);
    const safety = readSafety(response);
    if (safety !== undefined) emit({ type: 'safety', report: safety });
    emit({ type: 'finish', reason: finishOf(response, this.#calls.size > 0) });
    const usage = readUsage(response);
    if (usage !== undefined) emit({ type: 'usage', usage });
    this.#state = 'closed';
    emit({ type: 'end' });
    return undefined;
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
