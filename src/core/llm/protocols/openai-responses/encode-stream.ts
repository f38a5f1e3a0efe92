import type { NexusError } from '../../../errors/nexus-error.ts';
import type { Usage } from '../../../exchange/usage.ts';
import type { CanonicalEvent } from '../../canonical/event.ts';
import type { TokenLogprob } from '../../canonical/logprobs.ts';
import type { JsonObject, MediaPart } from '../../canonical/request.ts';
import type { FinishReason } from '../../canonical/response.ts';
import { mergeReports, type SafetyReport } from '../../canonical/safety.ts';
import type { EncodeContext, StreamEncoder } from '../protocol.ts';
import { encodeErrorEvent } from './error.ts';
import { callNames, incompleteReason, responseId, writeResponse } from './item.ts';
import { DrawnImage, OpenCall, OpenCustomCall, OpenMessage, OpenThought } from './open-item.ts';
import { sealCallProof, sealThought, thoughtId } from './thought.ts';
import { writeUsage } from './usage.ts';

/**
 * Canonical events → events of a streamed response, numbered from 0. Messages and thoughts are open one at a time. Calls
 * stay open until the upstream has ended, because some formats write the arguments of several at once. The last event
 * repeats the whole answer, as clients rely on it; there is no terminator after it.
 */
export class ResponsesStreamEncoder implements StreamEncoder {
  readonly #context: EncodeContext;
  #sequence = 0;
  #id: string | undefined;
  /** By place in the output. */
  readonly #items: (OpenMessage | OpenThought | OpenCall | OpenCustomCall | DrawnImage)[] = [];
  readonly #calls = new Map<number, OpenCall | OpenCustomCall>();
  #open: OpenMessage | OpenThought | undefined;
  /** Sources that came before the text they belong to. */
  #citations: JsonObject[] = [];
  /** Of the text that comes next. */
  #tokens: readonly TokenLogprob[] = [];
  #finish: FinishReason | undefined;
  #usage: Usage | undefined;
  #safety: SafetyReport | undefined;
  #closed = false;

  constructor(context: EncodeContext) {
    this.#context = context;
  }

  encode(event: CanonicalEvent): string {
    if (this.#closed) return '';
    switch (event.type) {
      case 'start':
        return this.#start(event.id);
      case 'text':
        return event.text === '' ? '' : this.#start('') + this.#words('output_text', event.text);
      case 'refusal':
        return event.text === '' ? '' : this.#start('') + this.#words('refusal', event.text);
      case 'reasoning':
        return event.text === '' ? '' : this.#start('') + this.#thought(event.text);
      case 'reasoning_end':
        return this.#start('') + this.#endThought(event);
      case 'citation':
        if (this.#open instanceof OpenMessage) return this.#open.cite(event.citation);
        this.#citations.push(event.citation);
        return '';
      case 'text_end':
        if (this.#open instanceof OpenMessage) this.#open.border();
        return '';
      case 'media':
        return this.#start('') + this.#image(event.media);
      case 'tool_call':
        return this.#start('') + this.#call(event);
      case 'tool_arguments':
        return event.json === '' ? '' : (this.#calls.get(event.index)?.write(event.json) ?? '');
      case 'finish':
        this.#finish = event.reason;
        return '';
      case 'logprobs':
        this.#tokens = [...this.#tokens, ...event.tokens];
        return '';
      case 'safety':
        this.#safety = mergeReports(this.#safety, event.report);
        return '';
      case 'usage':
        this.#usage = event.usage;
        return '';
      case 'error':
        return this.#start('') + this.#fail(event.error);
      case 'end':
        return this.#start('') + this.#end();
    }
  }

  readonly #frame = (type: string, members: string): string =>
    `event: ${type}\ndata: {"type":"${type}","sequence_number":${this.#sequence++},${members}}\n\n`;

  #start(id: string): string {
    if (this.#id !== undefined) return '';
    this.#id = responseId(id, this.#context.newId);
    const response = `"response":${writeResponse({ id: this.#id, context: this.#context, output: '', usage: 'null' })}`;
    return this.#frame('response.created', response) + this.#frame('response.in_progress', response);
  }

  #words(kind: 'output_text' | 'refusal', words: string): string {
    const tokens = this.#tokens;
    if (tokens.length > 0) this.#tokens = [];
    if (this.#open instanceof OpenMessage) return this.#open.write(kind, words, tokens);
    const closing = this.#close();
    const message = new OpenMessage(this.#frame, this.#items.length, `msg_${this.#context.newId()}`);
    this.#items.push(message);
    this.#open = message;
    let text = closing + message.open() + message.write(kind, words, tokens);
    for (const citation of this.#citations) text += message.cite(citation);
    this.#citations = [];
    return text;
  }

  #thought(words: string): string {
    if (this.#open instanceof OpenThought) return this.#open.write(words);
    const closing = this.#close();
    const { opening, thought } = this.#openThought(thoughtId(this.#context.newId));
    this.#open = thought;
    return closing + opening + thought.write(words);
  }

  #endThought(event: CanonicalEvent & { type: 'reasoning_end' }): string {
    const thought = this.#open;
    if (thought instanceof OpenThought) {
      this.#open = undefined;
      return thought.close(sealThought({ ...event, text: thought.text }));
    }
    const sealed = sealThought({ ...event, text: '' });
    return sealed === undefined ? '' : this.#close() + this.#bareThought(event.id, sealed);
  }

  /** A proof that has no text of its own. */
  #bareThought(id: string | undefined, sealed: string): string {
    const { opening, thought } = this.#openThought(id ?? thoughtId(this.#context.newId));
    return opening + thought.close(sealed);
  }

  #openThought(id: string): { thought: OpenThought; opening: string } {
    const thought = new OpenThought(this.#frame, this.#items.length, id);
    this.#items.push(thought);
    return { thought, opening: thought.open() };
  }

  #call({ id, index, name, signature }: CanonicalEvent & { type: 'tool_call' }): string {
    if (this.#calls.has(index)) return '';
    const closing = this.#close();
    const proof = signature === undefined ? '' : this.#bareThought(undefined, sealCallProof(id, signature));
    const { newId, specialTools } = this.#context;
    const names = callNames(id, name, specialTools?.get(name), newId);
    const Call = names.isCustom ? OpenCustomCall : OpenCall;
    const call = new Call(this.#frame, this.#items.length, names);
    this.#items.push(call);
    this.#calls.set(index, call);
    return closing + proof + call.open();
  }

  #image(media: MediaPart): string {
    if (media.kind !== 'image' || media.data === undefined) return '';
    const closing = this.#close();
    const image = new DrawnImage(this.#frame, this.#items.length, `ig_${this.#context.newId()}`);
    this.#items.push(image);
    return closing + image.write(media.data);
  }

  /** Closes what must not stand beside the next item. */
  #close(): string {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return '';
    return open instanceof OpenMessage ? open.close('completed') : open.close(undefined);
  }

  /**
   * `response.failed` is what the format ends with; the `error` event behind it is what the official clients raise.
   * Items that are not finished are left out.
   */
  #fail(error: NexusError): string {
    const response = writeResponse({
      id: this.#id ?? '',
      context: this.#context,
      error,
      output: this.#items.flatMap(({ item }) => (item === '' ? [] : [item])).join(','),
      usage: writeUsage(this.#usage),
    });
    this.#closed = true;
    return this.#frame('response.failed', `"response":${response}`) + encodeErrorEvent(error, this.#sequence);
  }

  #end(): string {
    const cut = incompleteReason(this.#finish) !== undefined;
    const last = this.#items.at(-1);
    let text = '';
    for (const item of this.#items) {
      if (item.item !== '' || item instanceof DrawnImage) continue;
      const status = cut && item === last ? 'incomplete' : 'completed';
      text += item instanceof OpenThought ? item.close(undefined) : item.close(status);
    }
    const response = writeResponse({
      id: this.#id ?? '',
      context: this.#context,
      finish: this.#finish ?? 'stop',
      output: this.#items.map(({ item }) => item).join(','),
      usage: writeUsage(this.#usage),
      tier: this.#usage?.serviceTier,
      safety: this.#safety,
    });
    this.#closed = true;
    return text + this.#frame(cut ? 'response.incomplete' : 'response.completed', `"response":${response}`);
  }
}
