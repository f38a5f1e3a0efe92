import { NexusError } from '../../../errors/nexus-error.ts';
import type { Usage } from '../../../exchange/usage.ts';
import type { CanonicalEvent } from '../../canonical/event.ts';
import type { FinishReason } from '../../canonical/response.ts';
import { mergeReports, type SafetyReport } from '../../canonical/safety.ts';
import type { EncodeContext, StreamEncoder } from '../protocol.ts';
import { writeSafety } from '../safety-members.ts';
import { isOwnCitation } from './citation.ts';
import { messageId, writeCallProof } from './encode-response.ts';
import { encodeErrorEvent } from './error.ts';
import { stopReason } from './finish.ts';
import { sealProof } from './proof.ts';
import { ToolCallQueue } from './tool-call-queue.ts';
import { writeUsage } from './usage.ts';

/**
 * Canonical events → Messages stream events: `message_start`, blocks one after the other, `message_delta`,
 * `message_stop`. The start waits for the first content, so that it can name what the prompt cost; finish and usage wait
 * for the upstream's end. Calls whose arguments arrive interleaved wait for their turn: blocks of this format cannot.
 */
export class MessagesStreamEncoder implements StreamEncoder {
  readonly #context: EncodeContext;
  #upstreamId = '';
  #isStarted = false;
  #isClosed = false;
  /** Index of the block that is open, or of the next one. */
  #block = 0;
  #open: 'text' | 'thinking' | 'tool_use' | undefined;
  readonly #calls = new ToolCallQueue();
  #finish: FinishReason = 'stop';
  #stopSequence: string | undefined;
  #hasCalls = false;
  #hasRefusal = false;
  #usage: Usage | undefined;
  #safety: SafetyReport | undefined;

  constructor(context: EncodeContext) {
    this.#context = context;
  }

  encode(event: CanonicalEvent): string {
    if (this.#isClosed) return '';
    switch (event.type) {
      case 'start':
        this.#upstreamId = event.id;
        return '';
      case 'text':
        return this.#text(event.text);
      case 'refusal':
        this.#hasRefusal = true;
        return this.#text(event.text);
      case 'citation': {
        if (!isOwnCitation(event.citation)) return '';
        const citation = JSON.stringify(event.citation);
        return this.#enter('text', TEXT_BLOCK) + this.#delta(`{"type":"citations_delta","citation":${citation}}`);
      }
      case 'reasoning':
        if (event.text === '') return '';
        return this.#enter('thinking', THINKING_BLOCK) + this.#thinking(event.text);
      case 'reasoning_end':
        return this.#endThought(event);
      case 'text_end':
        return this.#open === 'text' ? this.#close() : '';
      case 'media':
      case 'logprobs':
        return '';
      case 'safety':
        this.#safety = mergeReports(this.#safety, event.report);
        return '';
      case 'tool_call': {
        this.#hasCalls = true;
        const { index, id, name, signature } = event;
        if (!this.#calls.begin(index, id, name, signature)) return '';
        return this.#openCall(id, name, signature);
      }
      case 'tool_arguments':
        return this.#arguments(event.index, event.json);
      case 'finish':
        this.#finish = event.reason;
        this.#stopSequence = event.stopSequence;
        return '';
      case 'usage':
        this.#usage = event.usage;
        return '';
      case 'error':
        this.#isClosed = true;
        return encodeErrorEvent(event.error, event.requestId);
      case 'end':
        return this.#end();
    }
  }

  #text(text: string): string {
    if (text === '') return '';
    return this.#enter('text', TEXT_BLOCK) + this.#delta(`{"type":"text_delta","text":${JSON.stringify(text)}}`);
  }

  #thinking(text: string): string {
    return this.#delta(`{"type":"thinking_delta","thinking":${JSON.stringify(text)}}`);
  }

  #endThought(event: Extract<CanonicalEvent, { type: 'reasoning_end' }>): string {
    if (event.redacted !== undefined) {
      const data = sealProof(event.redacted, event);
      if (data === '') return '';
      const block = `{"type":"redacted_thinking","data":${JSON.stringify(data)}}`;
      return this.#close() + this.#openBlock('thinking', block) + this.#close();
    }
    const signature = sealProof(event.signature, event);
    if (signature === '') return this.#open === 'thinking' ? this.#close() : '';
    const proof = `{"type":"signature_delta","signature":${JSON.stringify(signature)}}`;
    return this.#enter('thinking', THINKING_BLOCK) + this.#delta(proof) + this.#close();
  }

  #arguments(index: number, json: string): string {
    if (json === '') return '';
    switch (this.#calls.add(index, json)) {
      case 'write':
        return this.#input(json);
      case 'keep':
        return '';
      case 'late':
        this.#isClosed = true;
        return encodeErrorEvent(
          new NexusError('upstream_invalid', 'The provider went on with a tool call that it had left'),
        );
    }
  }

  #end(): string {
    const text = this.#start() + this.#close();
    const ending = { stopSequence: this.#stopSequence, hasCalls: this.#hasCalls, hasRefusal: this.#hasRefusal };
    const reason = stopReason(this.#finish, ending);
    const sequence = reason === 'stop_sequence' ? JSON.stringify(this.#stopSequence) : 'null';
    this.#isClosed = true;
    return (
      `${text}event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"${reason}",` +
      `"stop_sequence":${sequence}},"usage":${writeUsage(this.#usage)}${writeSafety(this.#safety)}}\n\n` +
      'event: message_stop\ndata: {"type":"message_stop"}\n\n'
    );
  }

  #start(): string {
    if (this.#isStarted) return '';
    this.#isStarted = true;
    const id = JSON.stringify(messageId(this.#upstreamId, this.#context));
    return (
      `event: message_start\ndata: {"type":"message_start","message":{"id":${id},"type":"message",` +
      `"role":"assistant","model":${JSON.stringify(this.#context.model)},"content":[],"stop_reason":null,` +
      `"stop_sequence":null,"usage":${writeUsage(this.#usage)}}}\n\n`
    );
  }

  /** Makes sure that a block of this kind is open; one that is open already goes on. */
  #enter(kind: 'text' | 'thinking', block: string): string {
    return this.#open === kind ? '' : this.#close() + this.#openBlock(kind, block);
  }

  #openCall(id: string, name: string, signature: string | undefined): string {
    const block = `{"type":"tool_use","id":${JSON.stringify(id)},"name":${JSON.stringify(name)},"input":{}}`;
    let text = this.#closeBlock();
    if (signature !== undefined) {
      text += this.#openBlock('thinking', writeCallProof(id, signature)) + this.#closeBlock();
    }
    return text + this.#openBlock('tool_use', block) + this.#input('');
  }

  /** Closes what is open, and before anything else may follow a call, writes the calls that waited for it. */
  #close(): string {
    let text = '';
    for (const call of this.#calls.drain()) {
      text += this.#openCall(call.id, call.name, call.signature);
      if (call.json !== '') text += this.#input(call.json);
    }
    return text + this.#closeBlock();
  }

  #openBlock(kind: 'text' | 'thinking' | 'tool_use', block: string): string {
    this.#open = kind;
    const data = `{"type":"content_block_start","index":${this.#block},"content_block":${block}}`;
    return `${this.#start()}event: content_block_start\ndata: ${data}\n\n`;
  }

  #closeBlock(): string {
    if (this.#open === undefined) return '';
    this.#open = undefined;
    return `event: content_block_stop\ndata: {"type":"content_block_stop","index":${this.#block++}}\n\n`;
  }

  #input(json: string): string {
    return this.#delta(`{"type":"input_json_delta","partial_json":${JSON.stringify(json)}}`);
  }

  #delta(delta: string): string {
    return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#block},"delta":${delta}}\n\n`;
  }
}

const TEXT_BLOCK = '{"type":"text","text":""}';
const THINKING_BLOCK = '{"type":"thinking","thinking":"","signature":""}';
