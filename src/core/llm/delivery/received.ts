import type { Buffer } from 'node:buffer';
import { SseReader } from '../../http/sse.ts';
import { textOf } from '../../http/text.ts';
import type { CanonicalEvent } from '../canonical/event.ts';
import { unfold } from '../canonical/unfold.ts';
import { TextMeter } from '../metering/text-meter.ts';
import type { DecodeContext, UpstreamProtocol } from '../protocols/protocol.ts';

/** Counts what a model wrote, about: text, refusals, reasoning that can be read, tool calls. Keeps none of it. */
export class WrittenMeter {
  readonly #meter = new TextMeter();

  get tokens(): number {
    return this.#meter.tokens;
  }

  take(event: CanonicalEvent): void {
    switch (event.type) {
      case 'text':
      case 'reasoning':
      case 'refusal':
        this.#meter.add(event.text);
        return;
      case 'tool_call':
        this.#meter.close();
        this.#meter.add(event.name);
        this.#meter.close();
        return;
      case 'tool_arguments':
        this.#meter.add(event.json);
        return;
      default:
    }
  }
}

/** Tokens written in the events of a stream's `beginning`. An event that is cut off at its end is not counted. */
export function writtenInStream(beginning: Buffer, upstream: UpstreamProtocol, context: DecodeContext): number {
  const meter = new WrittenMeter();
  const emit = (event: CanonicalEvent): void => meter.take(event);
  const decoder = upstream.createStreamDecoder(context);
  const reader = new SseReader((data, event) => decoder.decode(data, event, emit));
  reader.push(beginning);
  return meter.tokens;
}

/** Tokens written in a whole answer; 0 when it cannot be read. */
export function writtenInAnswer(bytes: Buffer, upstream: UpstreamProtocol, context: DecodeContext): number {
  const meter = new WrittenMeter();
  try {
    for (const event of unfold(upstream.decodeResponse(JSON.parse(textOf(bytes)), context))) meter.take(event);
  } catch {
    // A body the client could read and we cannot: nothing can be said of it.
    return 0;
  }
  return meter.tokens;
}
