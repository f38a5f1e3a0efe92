import { NexusError } from '../../../errors/nexus-error.ts';
import type { CanonicalEvent } from '../../canonical/event.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';
import type { StreamDecoder } from '../protocol.ts';
import { readCitations } from './citation.ts';
import { streamFailure, unreadable } from './error.ts';
import { finishReason } from './finish.ts';
import { toolInputText } from './tool-input.ts';
import { readUsage } from './usage.ts';

type Emit = (event: CanonicalEvent) => void;

/** A call of one of the caller's tools while its block is open. */
interface OpenCall {
  readonly index: number;
  /** Input that came whole with the start of the block; it counts only if no pieces follow. */
  wholeInput: string;
}

/** A thought while its block is open: it is proven when the block ends. */
interface OpenThought {
  signature: string;
}

/**
 * Messages stream events → canonical events. Frames that cannot be read, and frames out of order, end the answer with
 * an `error` event; nothing is thrown and nothing is emitted after `error` or `end`.
 */
export class MessagesStreamDecoder implements StreamDecoder {
  #state: 'waiting' | 'open' | 'closed' = 'waiting';
  #calls = 0;
  readonly #openCalls = new Map<unknown, OpenCall>();
  readonly #openThoughts = new Map<unknown, OpenThought>();
  /** The text block that is open, and its sources: they may come before the text they belong to. */
  #text: { readonly index: unknown; citations: JsonObject[] } | undefined;
  #startUsage: unknown;
  #isFinished = false;

  decode(data: string, event: string | undefined, emit: Emit): void {
    if (this.#state === 'closed' || event === 'ping') return;
    const frame = parseFrame(data);
    // One event that got lost on its way is less than the answer: whether that is whole, its end tells.
    if (frame === undefined) return;
    const failure = isJsonObject(frame) ? this.#read(frame, emit) : unreadable('an event that is not a JSON object');
    if (failure === undefined) return;
    this.#state = 'closed';
    emit({ type: 'error', error: failure });
  }

  /** Compatible hosts forget `message_stop`: an answer that has said why it stopped is whole. */
  close(emit: Emit): void {
    if (this.#state === 'closed' || !this.#isFinished) return;
    this.#state = 'closed';
    emit({ type: 'end' });
  }

  /** Reports what the frame says, or returns why the answer cannot go on. */
  #read(frame: JsonObject, emit: Emit): NexusError | undefined {
    const { type } = frame;
    if (type === 'error') return streamFailure(frame);
    if (type === 'message_start') return this.#start(frame['message'], emit);
    if (this.#state === 'waiting') {
      return type === 'ping' ? undefined : unreadable('a stream that does not begin with message_start');
    }
    switch (type) {
      case 'content_block_delta':
        return this.#blockDelta(frame, emit);
      case 'content_block_start':
        return this.#blockStart(frame, emit);
      case 'content_block_stop':
        this.#blockStop(frame['index'], emit);
        return undefined;
      case 'message_delta':
        return this.#messageDelta(frame, emit);
      case 'message_stop':
        this.#state = 'closed';
        emit({ type: 'end' });
        return undefined;
      default:
        return undefined;
    }
  }

  #start(message: unknown, emit: Emit): NexusError | undefined {
    if (this.#state !== 'waiting') return unreadable('a second message_start');
    if (!isJsonObject(message)) return unreadable('a message_start without a message');
    const { id = '', model = '' } = message;
    if (typeof id !== 'string' || typeof model !== 'string') return unreadable('a message_start without id or model');
    this.#state = 'open';
    this.#startUsage = message['usage'];
    emit({ type: 'start', id, model });
    // Early, so that a stream cut short is still accounted for.
    const usage = readUsage(this.#startUsage);
    if (usage) emit({ type: 'usage', usage });
    return undefined;
  }

  #blockStart({ index, content_block: block }: JsonObject, emit: Emit): NexusError | undefined {
    if (!isJsonObject(block)) return unreadable('a content_block_start without a block');
    switch (block['type']) {
      case 'text':
        this.#text = { index, citations: readCitations(block['citations']) };
        return emitText('text', block['text'], emit);
      case 'thinking': {
        const { thinking = '', signature } = block;
        this.#openThoughts.set(index, { signature: typeof signature === 'string' ? signature : '' });
        return emitText('reasoning', thinking, emit);
      }
      case 'redacted_thinking':
        if (typeof block['data'] !== 'string') return unreadable('a redacted_thinking block without data');
        emit({ type: 'reasoning_end', redacted: block['data'], origin: 'anthropic' });
        return undefined;
      case 'tool_use':
        return this.#callStart(index, block, emit);
      default:
        return undefined;
    }
  }

  #callStart(index: unknown, { id, name, input }: JsonObject, emit: Emit): NexusError | undefined {
    if (typeof id !== 'string' || typeof name !== 'string') return unreadable('a tool call without id or name');
    let wholeInput: string;
    try {
      wholeInput = toolInputText(input);
    } catch (thrown) {
      return NexusError.is(thrown) ? thrown : unreadable('tool arguments that cannot be read', thrown);
    }
    const call: OpenCall = { index: this.#calls++, wholeInput: wholeInput === '{}' ? '' : wholeInput };
    this.#openCalls.set(index, call);
    emit({ type: 'tool_call', index: call.index, id, name });
    return undefined;
  }

  #blockDelta({ index, delta }: JsonObject, emit: Emit): NexusError | undefined {
    if (!isJsonObject(delta)) return unreadable('a content_block_delta without a delta');
    switch (delta['type']) {
      case 'text_delta':
        return emitText('text', delta['text'], emit);
      case 'thinking_delta':
        return emitText('reasoning', delta['thinking'], emit);
      case 'signature_delta': {
        const thought = this.#openThoughts.get(index);
        if (typeof delta['signature'] !== 'string') return unreadable('a signature_delta without signature');
        if (thought !== undefined) thought.signature = delta['signature'];
        return undefined;
      }
      case 'citations_delta':
        if (isJsonObject(delta['citation'])) this.#text?.citations.push(delta['citation']);
        return undefined;
      case 'input_json_delta':
        return this.#inputDelta(index, delta['partial_json'], emit);
      default:
        return undefined;
    }
  }

  #inputDelta(index: unknown, json: unknown, emit: Emit): NexusError | undefined {
    if (typeof json !== 'string') return unreadable('an input_json_delta without partial_json');
    // Blocks of the vendor's own tools stream their input the same way.
    const call = this.#openCalls.get(index);
    if (call === undefined || json === '') return undefined;
    call.wholeInput = '';
    emit({ type: 'tool_arguments', index: call.index, json });
    return undefined;
  }

  #blockStop(index: unknown, emit: Emit): void {
    const text = this.#text;
    if (text !== undefined && text.index === index) {
      for (const citation of text.citations) emit({ type: 'citation', citation });
      this.#text = undefined;
      emit({ type: 'text_end' });
      return;
    }
    const thought = this.#openThoughts.get(index);
    if (thought !== undefined) {
      this.#openThoughts.delete(index);
      const { signature } = thought;
      emit({ type: 'reasoning_end', ...(signature !== '' && { signature }), origin: 'anthropic' });
    }
    const call = this.#openCalls.get(index);
    if (call === undefined) return;
    this.#openCalls.delete(index);
    if (call.wholeInput !== '') emit({ type: 'tool_arguments', index: call.index, json: call.wholeInput });
  }

  #messageDelta({ delta, usage: counts }: JsonObject, emit: Emit): NexusError | undefined {
    if (isJsonObject(delta) && typeof delta['stop_reason'] === 'string') {
      const { stop_reason: reason, stop_sequence: stopSequence } = delta;
      const sequence = typeof stopSequence === 'string' ? { stopSequence } : {};
      this.#isFinished = true;
      emit({ type: 'finish', reason: finishReason(reason), ...sequence });
    }
    const usage = readUsage(counts, this.#startUsage);
    if (usage) emit({ type: 'usage', usage });
    return undefined;
  }
}

function parseFrame(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

function emitText(type: 'text' | 'reasoning', text: unknown, emit: Emit): NexusError | undefined {
  if (typeof text !== 'string') return unreadable(`a piece of ${type} that is not text`);
  if (text !== '') emit({ type, text });
  return undefined;
}
