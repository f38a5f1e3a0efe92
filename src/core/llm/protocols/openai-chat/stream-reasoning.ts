import type { CanonicalEvent } from '../../canonical/event.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { readReasoningDetails, reasoningText } from './reasoning.ts';

type Emit = (event: CanonicalEvent) => void;

/** Thoughts in the deltas of one answer. */
export class ReasoningReader {
  /** The host writes thoughts in a plain member; the text in its `reasoning_details` only repeats them. */
  #isPlain = false;
  /** Text that no `reasoning_end` has closed. */
  #isOpen = false;

  /** `inContent`: thoughts that stood among the content parts. */
  read(delta: JsonObject, inContent: string, emit: Emit): void {
    const text = reasoningText(delta) || inContent;
    if (text !== '') {
      this.#isPlain = true;
      this.#think(text, emit);
    }
    const details = delta['reasoning_details'];
    if (details === undefined || details === null) return;
    for (const { text: detail, ...proof } of readReasoningDetails(details)) {
      if (!this.#isPlain && detail !== '') this.#think(detail, emit);
      if (proof.signature === undefined && proof.redacted === undefined) continue;
      // A sealed thought of which nothing may be read stands alone; it closes no other.
      if (proof.redacted !== undefined && detail === '' && this.#isOpen) emit({ type: 'reasoning_end' });
      this.#isOpen = false;
      emit({ ...proof, type: 'reasoning_end' });
    }
  }

  #think(text: string, emit: Emit): void {
    this.#isOpen = true;
    emit({ type: 'reasoning', text });
  }
}
