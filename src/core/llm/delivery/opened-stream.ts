import { Buffer } from 'node:buffer';
import { NexusError } from '../../errors/nexus-error.ts';
import type { FinishReason } from '../../exchange/record.ts';
import type { Usage } from '../../exchange/usage.ts';
import type { Received, StreamDelivery } from '../upstream/delivery.ts';
import { answerBytes, hasMark } from './answer-bytes.ts';
import { type Recovery, streamOfWhole } from './recovery.ts';

/** The most one event, or a whole answer in place of a stream, may have: as much as a whole answer anywhere. */
export const EVENT_LIMIT = 32 * 1024 * 1024;

const NOT_A_STREAM = 'The provider answered a stream request with something that is no event stream';

/**
 * An answer to a request for a stream. Its first character says what it is: events, which flow; a whole answer, which is
 * collected and given out as a stream at its end; or a page of markup, which is no answer.
 */
export abstract class OpenedStream implements StreamDelivery {
  content = false;
  failure: NexusError | undefined;
  failureSent = false;
  responseModel: string | undefined;
  usage: Usage | undefined;
  finish: FinishReason | undefined;
  #isFlowing = false;
  /** What has come of an answer that is not known yet, or that is whole. */
  #kept: Buffer[] = [];
  #keptSize = 0;
  #isWhole = false;

  /** Takes the next piece of a stream of events. */
  protected abstract relay(chunk: Buffer): Buffer | string | undefined;
  /** The stream of events has closed. */
  protected abstract close(): Buffer | string | undefined;
  protected abstract recovery(): Recovery;
  abstract received(): Received;

  push(chunk: Buffer): Buffer | string | undefined {
    return this.#isFlowing ? this.relay(chunk) : this.#open(chunk);
  }

  end(): Buffer | string | undefined {
    if (this.#isFlowing) return this.close();
    if (this.#isWhole) return this.#recover();
    this.failure ??= emptyStream();
    return undefined;
  }

  #open(chunk: Buffer): Buffer | string | undefined {
    this.#kept.push(chunk);
    this.#keptSize += chunk.length;
    if (this.#keptSize > EVENT_LIMIT) this.failure = notAStream();
    if (this.#isWhole) return undefined;
    const begun = this.#kept.length === 1 ? chunk : Buffer.concat(this.#kept);
    if (begun[0] === 0xef && begun.length < 3) return undefined;
    const bytes = hasMark(begun) ? begun.subarray(3) : begun;
    switch (firstCharacter(bytes)) {
      case undefined:
        // Blank lines mean nothing to an event stream, and a whole answer may follow them.
        this.#kept = [];
        return undefined;
      case '<':
        this.failure = notAStream();
        return undefined;
      case '{':
      case '[':
        this.#isWhole = true;
        this.#kept = [bytes];
        return undefined;
      default:
        this.#kept = [];
        this.#isFlowing = true;
        return this.relay(bytes);
    }
  }

  #recover(): string | undefined {
    try {
      const answer = answerBytes(Buffer.concat(this.#kept)).bytes;
      const { frames, responseModel, usage, finish } = streamOfWhole(answer, this.recovery());
      this.responseModel = responseModel;
      this.usage = usage;
      this.finish = finish;
      this.content = true;
      return frames;
    } catch (error) {
      this.failure ??= NexusError.is(error) ? error : notAStream(error);
      return undefined;
    }
  }
}

const BLANK = new Set([0x20, 0x09, 0x0a, 0x0d]);

function firstCharacter(bytes: Buffer): string | undefined {
  for (const byte of bytes) if (!BLANK.has(byte)) return String.fromCharCode(byte);
  return undefined;
}

export function notAStream(cause?: unknown): NexusError {
  return new NexusError('upstream_invalid', NOT_A_STREAM, { cause });
}

export function emptyStream(): NexusError {
  return new NexusError('upstream_invalid', 'The provider sent an empty stream');
}

/** The connection has closed properly, but the answer did not come to its end. */
export function endedEarly(begun: boolean): NexusError {
  return begun
    ? new NexusError('stream_truncated', "The provider's stream ended before its answer did")
    : emptyStream();
}
