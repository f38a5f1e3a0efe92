import type { NexusError } from '../../../errors/nexus-error.ts';
import type { CanonicalEvent } from '../../canonical/event.ts';
import type { JsonObject, Origin } from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';
import type { DecodeContext, StreamDecoder } from '../protocol.ts';
import { decodeCitation } from './citation.ts';
import { streamFailure, unreadable } from './error.ts';
import { finishReason, isFailedAnswer } from './finish.ts';
import { proofOrigin, unwrapRedacted } from './reasoning.ts';
import { isVendorsCall, stopSequence } from './response.ts';
import { readUsage } from './usage.ts';

type Emit = (event: CanonicalEvent) => void;

const CONTENT: ReadonlySet<string> = new Set(['contentBlockStart', 'contentBlockDelta', 'messageStop']);

/** The frame that the transport makes of an exception. */
export const EXCEPTION_EVENT = 'exception';

/**
 * ConverseStream events → canonical events; `event` is the frame's `:event-type`. Blocks open with their first delta,
 * only tools have a start of their own. Usage comes after the stop, so that the answer is whole when the connection
 * closes. Frames that cannot be read, and frames out of order, end the answer with an `error` event; nothing is thrown
 * and nothing is emitted after `error`.
 */
export class ConverseStreamDecoder implements StreamDecoder {
  readonly #model: string;
  readonly #origin: Origin | undefined;
  #state: 'waiting' | 'open' | 'stopped' | 'closed' = 'waiting';
  #hasContent = false;
  #calls = 0;
  /** Call number by block, for the caller's own tools. */
  readonly #openCalls = new Map<unknown, number>();
  /** Signatures by block: a thought is proven when its block ends. */
  readonly #openThoughts = new Map<unknown, string>();

  constructor({ upstreamModel }: DecodeContext) {
    this.#model = upstreamModel ?? '';
    this.#origin = proofOrigin(upstreamModel);
  }

  decode(data: string, event: string | undefined, emit: Emit): void {
    if (this.#state === 'closed') return;
    const frame = parseFrame(data);
    let failure: NexusError | undefined;
    if (event === EXCEPTION_EVENT) failure = streamFailure(frame);
    else if (isJsonObject(frame)) failure = this.#read(frame, event, emit);
    else failure = unreadable('an event that is not a JSON object');
    if (failure !== undefined) this.#fail(failure, emit);
  }

  close(emit: Emit): void {
    if (this.#state !== 'stopped') return;
    this.#state = 'closed';
    emit({ type: 'end' });
  }

  #fail(error: NexusError, emit: Emit): void {
    this.#state = 'closed';
    emit({ type: 'error', error });
  }

  /** Reports what the frame says, or returns why the answer cannot go on. */
  #read(frame: JsonObject, event: string | undefined, emit: Emit): NexusError | undefined {
    if (event === 'messageStart') return this.#start(emit);
    // It says nothing but the role: an answer that begins without it is an answer all the same.
    if (this.#state === 'waiting' && event !== undefined && CONTENT.has(event)) this.#start(emit);
    if (this.#state === 'waiting') return undefined;
    switch (event) {
      case 'contentBlockDelta':
        return this.#delta(frame['contentBlockIndex'], frame['delta'], emit);
      case 'contentBlockStart':
        return this.#blockStart(frame['contentBlockIndex'], frame['start'], emit);
      case 'contentBlockStop':
        this.#blockStop(frame['contentBlockIndex'], emit);
        return undefined;
      case 'messageStop':
        return this.#stop(frame, emit);
      case 'metadata': {
        const usage = readUsage(frame['usage'], frame['serviceTier']);
        if (usage !== undefined) emit({ type: 'usage', usage });
        return undefined;
      }
      default:
        return undefined;
    }
  }

  #start(emit: Emit): NexusError | undefined {
    if (this.#state !== 'waiting') return unreadable('a second messageStart');
    this.#state = 'open';
    emit({ type: 'start', id: '', model: this.#model });
    return undefined;
  }

  #blockStart(index: unknown, start: unknown, emit: Emit): NexusError | undefined {
    const toolUse = isJsonObject(start) ? start['toolUse'] : undefined;
    if (!isJsonObject(toolUse) || isVendorsCall(toolUse)) return undefined;
    const { toolUseId: id, name } = toolUse;
    if (typeof id !== 'string' || typeof name !== 'string') return unreadable('a tool call without id or name');
    const call = this.#calls++;
    this.#openCalls.set(index, call);
    this.#hasContent = true;
    emit({ type: 'tool_call', index: call, id, name });
    return undefined;
  }

  #delta(index: unknown, delta: unknown, emit: Emit): NexusError | undefined {
    if (!isJsonObject(delta)) return unreadable('a contentBlockDelta without a delta');
    const { text, toolUse, reasoningContent, citation } = delta;
    if (text !== undefined) return this.#text('text', text, emit);
    if (isJsonObject(reasoningContent)) return this.#thought(index, reasoningContent, emit);
    if (isJsonObject(citation)) emit({ type: 'citation', citation: decodeCitation(citation) });
    if (!isJsonObject(toolUse)) return undefined;
    // Tools that the vendor runs itself stream their input the same way.
    const call = this.#openCalls.get(index);
    const { input = '' } = toolUse;
    if (typeof input !== 'string') return unreadable('a piece of tool input that is not text');
    if (call !== undefined && input !== '') emit({ type: 'tool_arguments', index: call, json: input });
    return undefined;
  }

  #text(type: 'text' | 'reasoning', text: unknown, emit: Emit): NexusError | undefined {
    if (typeof text !== 'string') return unreadable(`a piece of ${type} that is not text`);
    if (text === '') return undefined;
    this.#hasContent = true;
    emit({ type, text });
    return undefined;
  }

  #thought(index: unknown, { text, signature, redactedContent }: JsonObject, emit: Emit): NexusError | undefined {
    if (typeof redactedContent === 'string') {
      this.#hasContent = true;
      emit({ type: 'reasoning_end', redacted: unwrapRedacted(redactedContent), ...this.#owner() });
      return undefined;
    }
    const known = this.#openThoughts.get(index) ?? '';
    this.#openThoughts.set(index, typeof signature === 'string' ? known + signature : known);
    return text === undefined ? undefined : this.#text('reasoning', text, emit);
  }

  #blockStop(index: unknown, emit: Emit): void {
    const signature = this.#openThoughts.get(index);
    if (signature !== undefined) {
      this.#openThoughts.delete(index);
      emit({ type: 'reasoning_end', ...(signature !== '' && { signature }), ...this.#owner() });
    }
    this.#openCalls.delete(index);
  }

  #stop(frame: JsonObject, emit: Emit): NexusError | undefined {
    const { stopReason } = frame;
    if (!this.#hasContent && isFailedAnswer(stopReason)) return unreadable('an answer its own service could not read');
    const sequence = stopSequence(frame);
    this.#state = 'stopped';
    emit({
      type: 'finish',
      reason: finishReason(stopReason),
      ...(sequence !== undefined && { stopSequence: sequence }),
    });
    return undefined;
  }

  #owner(): { origin?: Origin } {
    return this.#origin === undefined ? {} : { origin: this.#origin };
  }
}

function parseFrame(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
