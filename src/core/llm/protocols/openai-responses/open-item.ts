import { CustomInputReader } from '../../canonical/custom-input-reader.ts';
import type { TokenLogprob } from '../../canonical/logprobs.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { writeTokens } from '../token-list.ts';
import { annotationOf } from './citation.ts';
import {
  type CallNames,
  type ItemStatus,
  writeCall,
  writeImage,
  writeMessage,
  writeReasoning,
  writeRefusalPart,
  writeSummary,
  writeTextPart,
} from './item.ts';

/** Writes one event: its name, and its members as JSON text without braces. */
export type WriteFrame = (type: string, members: string) => string;

/** An item of the output while the model is writing it. Every method returns the frames that say what happened. */
abstract class OpenItem {
  /** JSON text of the finished item; empty until it is closed. */
  item = '';
  protected readonly frame: WriteFrame;
  protected readonly index: number;
  /** The members that every event inside the item has. */
  protected readonly place: string;

  constructor(frame: WriteFrame, index: number, id: string) {
    this.frame = frame;
    this.index = index;
    this.place = `"item_id":${JSON.stringify(id)},"output_index":${index}`;
  }

  protected added(item: string): string {
    return this.frame('response.output_item.added', `"output_index":${this.index},"item":${item}`);
  }

  protected done(item: string): string {
    this.item = item;
    return this.frame('response.output_item.done', `"output_index":${this.index},"item":${item}`);
  }
}

/** A message: parts of text and of refusal, one open at a time. */
export class OpenMessage extends OpenItem {
  readonly #id: string;
  readonly #content: string[] = [];
  #kind: 'output_text' | 'refusal' | undefined;
  #words = '';
  #annotations: JsonObject[] = [];
  #tokens: TokenLogprob[] = [];
  /** Where the text begins that the next source belongs to. */
  #cited = 0;
  /** A source has been given for the text so far. */
  #isCited = false;
  /** What every delta of the open part begins with. */
  #partPlace = '';

  constructor(frame: WriteFrame, index: number, id: string) {
    super(frame, index, id);
    this.#id = id;
  }

  open(): string {
    return this.added(writeMessage(this.#id, 'in_progress', []));
  }

  /** `tokens` are those of `words`, where they are known. */
  write(kind: 'output_text' | 'refusal', words: string, tokens: readonly TokenLogprob[] = []): string {
    const opening = kind === this.#kind ? '' : this.#closePart() + this.#openPart(kind);
    if (this.#isCited) this.border();
    this.#words += words;
    for (const token of tokens) this.#tokens.push(token);
    const logprobs = kind === 'output_text' ? `,"logprobs":${writeTokens(tokens, 'none')}` : '';
    return (
      opening + this.frame(`response.${kind}.delta`, `${this.#partPlace},"delta":${JSON.stringify(words)}${logprobs}`)
    );
  }

  /** The next source belongs to the text from here on. */
  border(): void {
    this.#cited = this.#words.length;
    this.#isCited = false;
  }

  /** A source of the text so far; refusals have none. */
  cite(citation: JsonObject): string {
    if (this.#kind !== 'output_text') return '';
    const annotation = annotationOf(citation, this.#cited, this.#words.length);
    if (annotation === undefined) return '';
    this.#isCited = true;
    const members = `"annotation_index":${this.#annotations.length},"annotation":${JSON.stringify(annotation)}`;
    this.#annotations.push(annotation);
    return this.frame('response.output_text.annotation.added', `${this.#partPlace},${members}`);
  }

  close(status: ItemStatus): string {
    return this.#closePart() + this.done(writeMessage(this.#id, status, this.#content));
  }

  #openPart(kind: 'output_text' | 'refusal'): string {
    this.#kind = kind;
    this.#words = '';
    this.#annotations = [];
    this.#tokens = [];
    this.border();
    this.#partPlace = `${this.place},"content_index":${this.#content.length}`;
    return this.frame('response.content_part.added', `${this.#partPlace},"part":${this.#writePart()}`);
  }

  #closePart(): string {
    if (this.#kind === undefined) return '';
    const part = this.#writePart();
    const words = JSON.stringify(this.#words);
    const whole =
      this.#kind === 'output_text'
        ? `"text":${words},"logprobs":${writeTokens(this.#tokens, 'none')}`
        : `"refusal":${words}`;
    this.#content.push(part);
    return (
      this.frame(`response.${this.#kind}.done`, `${this.#partPlace},${whole}`) +
      this.frame('response.content_part.done', `${this.#partPlace},"part":${part}`)
    );
  }

  #writePart(): string {
    if (this.#kind === 'refusal') return writeRefusalPart(this.#words);
    return writeTextPart(this.#words, this.#annotations, this.#tokens);
  }
}

/** A thought, shown as a summary of one part. */
export class OpenThought extends OpenItem {
  readonly #id: string;
  text = '';

  constructor(frame: WriteFrame, index: number, id: string) {
    super(frame, index, id);
    this.#id = id;
  }

  open(): string {
    return this.added(writeReasoning(this.#id, '', undefined));
  }

  write(text: string): string {
    const place = `${this.place},"summary_index":0`;
    const opening =
      this.text === ''
        ? this.frame('response.reasoning_summary_part.added', `${place},"part":${writeSummary('')}`)
        : '';
    this.text += text;
    return opening + this.frame('response.reasoning_summary_text.delta', `${place},"delta":${JSON.stringify(text)}`);
  }

  close(sealed: string | undefined): string {
    const place = `${this.place},"summary_index":0`;
    const summary =
      this.text === ''
        ? ''
        : this.frame('response.reasoning_summary_text.done', `${place},"text":${JSON.stringify(this.text)}`) +
          this.frame('response.reasoning_summary_part.done', `${place},"part":${writeSummary(this.text)}`);
    return summary + this.done(writeReasoning(this.#id, this.text, sealed));
  }
}

/** A picture that came whole, as the format's own tool for drawing gives it. */
export class DrawnImage extends OpenItem {
  readonly #id: string;

  constructor(frame: WriteFrame, index: number, id: string) {
    super(frame, index, id);
    this.#id = id;
  }

  write(data: string): string {
    return (
      this.added(writeImage(this.#id, 'in_progress', null)) +
      this.frame('response.image_generation_call.completed', this.place) +
      this.done(writeImage(this.#id, 'completed', data))
    );
  }
}

/** A call. It always ends with arguments that are JSON. */
export class OpenCall extends OpenItem {
  readonly #names: CallNames;
  #json = '';

  constructor(frame: WriteFrame, index: number, names: CallNames) {
    super(frame, index, names.itemId);
    this.#names = names;
  }

  open(): string {
    return this.added(writeCall(this.#names, 'in_progress', ''));
  }

  write(json: string): string {
    this.#json += json;
    return this.frame('response.function_call_arguments.delta', `${this.place},"delta":${JSON.stringify(json)}`);
  }

  close(status: ItemStatus): string {
    const filled = this.#json === '' ? this.write('{}') : '';
    const members = `${this.place},"name":${JSON.stringify(this.#names.name)},"arguments":${JSON.stringify(this.#json)}`;
    return (
      filled +
      this.frame('response.function_call_arguments.done', members) +
      this.done(writeCall(this.#names, status, this.#json))
    );
  }
}

/** A call of a custom tool: what its function is given holds the text for it. */
export class OpenCustomCall extends OpenItem {
  readonly #names: CallNames;
  readonly #reader = new CustomInputReader();
  #input = '';

  constructor(frame: WriteFrame, index: number, names: CallNames) {
    super(frame, index, names.itemId);
    this.#names = names;
  }

  open(): string {
    return this.added(writeCall(this.#names, 'in_progress', ''));
  }

  write(json: string): string {
    return this.#give(this.#reader.push(json));
  }

  close(status: ItemStatus): string {
    const rest = this.#give(this.#reader.end());
    const members = `${this.place},"input":${JSON.stringify(this.#input)}`;
    return (
      rest +
      this.frame('response.custom_tool_call_input.done', members) +
      this.done(writeCall(this.#names, status, this.#input))
    );
  }

  #give(text: string): string {
    if (text === '') return '';
    this.#input += text;
    return this.frame('response.custom_tool_call_input.delta', `${this.place},"delta":${JSON.stringify(text)}`);
  }
}
