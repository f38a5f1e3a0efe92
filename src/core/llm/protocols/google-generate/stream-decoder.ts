import { NexusError } from '../../../errors/nexus-error.ts';
import type { CanonicalEvent } from '../../canonical/event.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { FinishReason } from '../../canonical/response.ts';
import { isJsonObject } from '../json-object.ts';
import type { DecodeContext, StreamDecoder } from '../protocol.ts';
import { failedCall, readAnswer, readCall, signatureOf } from './answer.ts';
import { mintedCallId } from './call-id.ts';
import { streamFailure, unreadable } from './error.ts';
import { finishReason, isFailedCall, isSet } from './finish.ts';
import { decodeInlineData, isInlineData } from './media.ts';
import { PartialArguments } from './partial-arguments.ts';
import { readUsage } from './usage.ts';

type Emit = (event: CanonicalEvent) => void;

/**
 * A stream of whole GenerateContentResponses → canonical events. The format has no last event: the answer is whole when
 * the body ends after a finish reason. Frames that cannot be read end it with an `error` event; nothing is thrown and
 * nothing is emitted after `error` or `end`.
 */
export class GenerateStreamDecoder implements StreamDecoder {
  readonly #context: DecodeContext;
  #started = false;
  #closed = false;
  #calls = 0;
  #hasText = false;
  /** Reasoning text is out that nothing has closed yet. */
  #thinking = false;
  #finish: FinishReason | undefined;
  /** The call whose arguments come in pieces. */
  #openCall: { readonly index: number; readonly arguments: PartialArguments } | undefined;

  constructor(context: DecodeContext) {
    this.#context = context;
  }

  decode(data: string, _event: string | undefined, emit: Emit): void {
    if (this.#closed) return;
    const body = parseFrame(data);
    // One event that got lost on its way is less than the answer: whether that is whole, its end tells.
    if (body === undefined) return;
    try {
      this.#read(body, emit);
    } catch (thrown) {
      this.#closed = true;
      emit({
        type: 'error',
        error: NexusError.is(thrown) ? thrown : unreadable('an event that cannot be read', thrown),
      });
    }
  }

  close(emit: Emit): void {
    if (this.#closed || this.#finish === undefined) return;
    this.#closed = true;
    emit({ type: 'end' });
  }

  #read(body: unknown, emit: Emit): void {
    if (!isJsonObject(body)) throw unreadable('an event that is not a JSON object');
    if (isJsonObject(body['error'])) throw streamFailure(body);
    const answer = readAnswer(body);
    if (!this.#started) this.#start(body, emit);
    if (answer.logprobs.length > 0) emit({ type: 'logprobs', tokens: answer.logprobs });
    for (const part of answer.parts) {
      if (!isJsonObject(part)) throw unreadable('a part that is not an object');
      this.#part(part, emit);
    }
    if (answer.safety !== undefined) emit({ type: 'safety', report: answer.safety });
    const { finishReason: reason, hasCandidate } = answer;
    if (isSet(reason)) {
      if (isFailedCall(reason) && !this.#hasText && this.#calls === 0) throw failedCall(reason);
      this.#end(finishReason(reason, this.#calls > 0), emit);
    } else if (!hasCandidate && isSet(answer.blockReason)) {
      this.#end('content_filter', emit);
    }
    const usage = readUsage(body['usageMetadata']);
    if (usage) emit({ type: 'usage', usage });
  }

  #start({ responseId, modelVersion }: JsonObject, emit: Emit): void {
    this.#started = true;
    const id = typeof responseId === 'string' ? responseId : '';
    emit({ type: 'start', id, model: typeof modelVersion === 'string' ? modelVersion : '' });
  }

  #part(part: JsonObject, emit: Emit): void {
    const { text, functionCall, inlineData } = part;
    const signature = signatureOf(part);
    if (typeof text === 'string') {
      if (part['thought'] === true) {
        if (text !== '') emit({ type: 'reasoning', text });
        this.#thinking ||= text !== '';
        if (signature !== undefined) this.#prove(signature, emit);
        return;
      }
      if (text !== '' || signature !== undefined) {
        this.#closeCall(emit);
        this.#closeThought(emit);
      }
      // The proof of a text goes before it, so that it is not taken for the proof of what follows.
      if (signature !== undefined) this.#prove(signature, emit);
      // What follows the reason why the model stopped is no part of what it said.
      if (text === '' || this.#finish !== undefined) return;
      this.#hasText = true;
      emit({ type: 'text', text });
    } else if (functionCall !== undefined) {
      this.#call(functionCall, signature, emit);
    } else if (isInlineData(inlineData) && part['thought'] !== true) {
      this.#closeCall(emit);
      this.#closeThought(emit);
      if (signature !== undefined) this.#prove(signature, emit);
      emit({ type: 'media', media: decodeInlineData(inlineData) });
    }
  }

  /** A call is whole in one part, or opened by a part with its name that others without a name go on with. */
  #call(functionCall: unknown, signature: string | undefined, emit: Emit): void {
    if (this.#openCall !== undefined && isJsonObject(functionCall) && functionCall['name'] === undefined) {
      this.#continueCall(functionCall, emit);
      return;
    }
    this.#closeCall(emit);
    this.#closeThought(emit);
    const call = readCall(functionCall);
    const index = this.#calls++;
    const id = call.id ?? mintedCallId(this.#context.newId());
    emit({ type: 'tool_call', index, id, name: call.name, ...(signature !== undefined && { signature }) });
    if (isJsonObject(functionCall) && comesInPieces(functionCall)) {
      this.#openCall = { index, arguments: new PartialArguments() };
      this.#continueCall(functionCall, emit);
    } else {
      emit({ type: 'tool_arguments', index, json: call.arguments });
    }
    if (this.#finish !== undefined) this.#end('tool_calls', emit);
  }

  #continueCall({ partialArgs: pieces, willContinue }: JsonObject, emit: Emit): void {
    const open = this.#openCall;
    if (open === undefined) return;
    for (const piece of Array.isArray(pieces) ? pieces : []) {
      if (!isJsonObject(piece)) throw unreadable('a piece of arguments that is not an object');
      const json = open.arguments.write(piece);
      if (json !== '') emit({ type: 'tool_arguments', index: open.index, json });
    }
    if (willContinue !== true) this.#closeCall(emit);
  }

  #closeCall(emit: Emit): void {
    const open = this.#openCall;
    if (open === undefined) return;
    this.#openCall = undefined;
    emit({ type: 'tool_arguments', index: open.index, json: open.arguments.end() });
  }

  #prove(signature: string, emit: Emit): void {
    this.#thinking = false;
    emit({ type: 'reasoning_end', signature, origin: 'google' });
  }

  #closeThought(emit: Emit): void {
    if (this.#thinking) emit({ type: 'reasoning_end', origin: 'google' });
    this.#thinking = false;
  }

  /** Said again if a call comes after it, because calls decide what the finish was. */
  #end(reason: FinishReason, emit: Emit): void {
    this.#closeCall(emit);
    this.#closeThought(emit);
    if (this.#finish === reason) return;
    this.#finish = reason;
    emit({ type: 'finish', reason });
  }
}

function comesInPieces({ args, partialArgs, willContinue }: JsonObject): boolean {
  return (willContinue === true && args === undefined) || Array.isArray(partialArgs);
}

function parseFrame(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
