/** One event of a stream, as it was sent. */
export interface StoredEvent {
  readonly id: string;
  readonly text: string;
}

interface Entry extends StoredEvent {
  readonly stream: number;
  readonly number: number;
}

const MOST_EVENTS = 512;
const MOST_CHARACTERS = 4 * 1024 * 1024;
const ID = /^(\d{1,12})-(\d{1,12})$/;

/** The last events of a session, so that a client whose connection broke can have them again. The oldest go first. */
export class EventStore {
  readonly #entries: Entry[] = [];
  #characters = 0;
  #last = 0;

  /** Keeps an event and gives it its id. An empty text is an id to resume after, nothing more. */
  add(stream: number, text: string): string {
    const number = ++this.#last;
    const id = `${stream}-${number}`;
    this.#entries.push({ id, stream, number, text });
    this.#characters += text.length;
    while (this.#entries.length > MOST_EVENTS || (this.#characters > MOST_CHARACTERS && this.#entries.length > 1)) {
      this.#characters -= this.#entries.shift()?.text.length ?? 0;
    }
    return id;
  }

  /** The stream of an event and what followed on it; undefined for an id that is not one of ours. */
  after(id: string): { readonly stream: number; readonly events: readonly StoredEvent[] } | undefined {
    const match = ID.exec(id);
    if (match === null) return undefined;
    const stream = Number(match[1]);
    const number = Number(match[2]);
    if (number > this.#last) return undefined;
    return {
      stream,
      events: this.#entries.filter((entry) => entry.stream === stream && entry.number > number && entry.text !== ''),
    };
  }
}
