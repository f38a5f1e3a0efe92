// Messages that come as an event stream. Source: "Streamable HTTP" of revision 2025-11-25, with its ids to resume from.
import { SseReader } from '../../../http/sse.ts';
import type { JsonObject } from '../../wire/json-rpc.ts';
import { isObject } from '../../wire/message.ts';
import { LARGEST_MESSAGE } from '../message-size.ts';

/** What can go back in a header. */
const EVENT_ID = /^[\x20-\x7e]{1,1024}$/;

export class MessageEvents {
  /** The last event the server gave an id, from where the stream can be resumed. */
  lastId: string | undefined;
  readonly #reader: SseReader;

  /** `onRetry` hears after how many milliseconds the server wants to be asked again. */
  constructor(onMessage: (message: JsonObject) => void, onRetry: (delay: number) => void) {
    this.#reader = new SseReader(
      (data, event, id) => {
        if (id !== undefined && EVENT_ID.test(id)) this.lastId = id;
        if (data === '' || (event !== undefined && event !== 'message')) return;
        for (const message of messagesIn(data) ?? []) onMessage(message);
      },
      LARGEST_MESSAGE,
      onRetry,
    );
  }

  /** False when an event is too large: the stream must be given up. */
  push(chunk: Buffer): boolean {
    return this.#reader.push(chunk);
  }
}

/** The messages of a JSON text, one or (to revision 2025-03-26) several; undefined when it is no JSON. */
export function messagesIn(text: string): readonly JsonObject[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return (Array.isArray(parsed) ? parsed : [parsed]).filter(isMessage);
  } catch {
    return undefined;
  }
}

function isMessage(value: unknown): value is JsonObject {
  return isObject(value) && value['jsonrpc'] === '2.0';
}
