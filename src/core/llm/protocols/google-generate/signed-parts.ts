import type { ReasoningPart } from '../../canonical/request.ts';
import type { Part } from './wire.ts';

/**
 * Puts signatures back where they came from. In the canonical form the signature of a text part stands right before the
 * text, as reasoning without words; one that no text follows came on a part of its own with an empty text.
 */
export class SignedParts {
  readonly #parts: Part[] = [];
  #loose: string | undefined;

  add(part: Part): void {
    this.#settle();
    this.#parts.push(part);
  }

  addText(text: string): void {
    const signature = this.#loose;
    this.#loose = undefined;
    this.#parts.push({ text, ...(signature !== undefined && { thoughtSignature: signature }) });
  }

  addReasoning({ text, signature }: ReasoningPart): void {
    this.#settle();
    if (text === '') this.#loose = signature;
    else this.#parts.push({ text, thought: true, ...(signature !== undefined && { thoughtSignature: signature }) });
  }

  close(): Part[] {
    this.#settle();
    return this.#parts;
  }

  #settle(): void {
    if (this.#loose !== undefined) this.#parts.push({ text: '', thoughtSignature: this.#loose });
    this.#loose = undefined;
  }
}
