import { StringDecoder } from 'node:string_decoder';
import { createParser, type EventSourceMessage } from 'eventsource-parser';

const LF = 10;
const CR = 13;

/** Event-stream text arriving in pieces → whole events. Format: WHATWG HTML, "Server-sent events". */
export class SseReader {
  readonly #text = new StringDecoder('utf8');
  readonly #parser;
  #sinceEvent = 0;

  /** `limit` is the most characters one event may have; `onRetry` hears after how many milliseconds to come back. */
  constructor(
    onEvent: (data: string, event: string | undefined, id: string | undefined) => void,
    private readonly limit = 1024 * 1024,
    onRetry?: (delay: number) => void,
  ) {
    this.#parser = createParser({
      onEvent: (message: EventSourceMessage) => {
        this.#sinceEvent = 0;
        onEvent(message.data, message.event, message.id);
      },
      ...(onRetry === undefined ? {} : { onRetry }),
    });
  }

  /** False when an event has outgrown the limit: the stream must be given up. */
  push(chunk: Buffer): boolean {
    const text = this.#text.write(chunk);
    this.#sinceEvent += text.length;
    this.#parser.feed(text);
    return this.#sinceEvent <= this.limit;
  }

  /** Reads a last event that was not closed by a blank line. */
  end(): void {
    this.#parser.feed(`${this.#text.end()}\n\n`);
  }
}

/** Where the last whole event in `bytes` ends: the index after its blank line, 0 when there is none. */
export function lastEventEnd(bytes: Buffer): number {
  for (let i = bytes.length - 1; i > 0; i--) if (closesEvent(bytes, i)) return i + 1;
  return 0;
}

/** Cuts whole events apart; every byte stays in exactly one of the pieces. */
export function splitEvents(bytes: Buffer): Buffer[] {
  const events: Buffer[] = [];
  let from = 0;
  for (let i = 1; i < bytes.length; i++) {
    if (!closesEvent(bytes, i)) continue;
    events.push(bytes.subarray(from, i + 1));
    from = i + 1;
  }
  if (from < bytes.length) events.push(bytes.subarray(from));
  return events;
}

/** The data lines of one event, joined as the format says. */
export function eventData(event: Buffer): string {
  let data: string | undefined;
  for (const line of event.toString('utf8').split(/\r\n|\n|\r/)) {
    if (!line.startsWith('data:')) continue;
    const value = line.startsWith('data: ') ? line.slice(6) : line.slice(5);
    data = data === undefined ? value : `${data}\n${value}`;
  }
  return data ?? '';
}

function closesEvent(bytes: Buffer, i: number): boolean {
  const last = bytes[i];
  const before = bytes[i - 1];
  if (last === LF) return before === LF || (before === CR && i > 1 && (bytes[i - 2] === LF || bytes[i - 2] === CR));
  return last === CR && before === CR;
}
