import type { NexusError } from '../../errors/nexus-error.ts';
import type { FinishReason } from '../../exchange/record.ts';
import type { Usage } from '../../exchange/usage.ts';
import type { JsonObject } from '../canonical/request.ts';

/** What one event of a stream says to a relay that does not translate it. */
export interface EventFacts {
  /** The model that answers, where the event names it. */
  readonly model?: string | undefined;
  /** Carries text, reasoning, a refusal, part of a tool call, or the finish. */
  readonly content: boolean;
  /** The answer is whole: nothing that matters comes after this. */
  readonly finished: boolean;
  /** Why the model stopped, where the event says so. */
  readonly finish?: FinishReason | undefined;
  readonly usage?: Usage | undefined;
  /** `usage` counts what was written only; what was read is as an earlier event of the stream said. */
  readonly usageLacksInput?: boolean;
  /** Carries usage and nothing else: may be taken out for a client that did not ask. */
  readonly usageOnly: boolean;
  readonly failure?: NexusError | undefined;
}

/** What a whole answer says to a relay. */
export interface ResponseFacts {
  readonly model: string | undefined;
  readonly usage: Usage | undefined;
  readonly finish: FinishReason | undefined;
}

/** What the relay of a protocol to itself must know about it: bytes pass, only this is read. */
export interface PassthroughProtocol {
  /** The bytes to send: the client's own but for the model's name and, for streams, the wish for usage. */
  patchRequest(bytes: Buffer, body: JsonObject, model: string): Buffer | string;
  /** The part of the client's query that means something to the vendor; absent: none of it. */
  forwardedQuery?(query: string): string;
  /** Whether the client itself asked for usage in its stream. */
  wantsStreamUsage(body: JsonObject): boolean;
  /** Throws `upstream_invalid` when `body` is not an answer. */
  readResponse(body: unknown): ResponseFacts;
  readEvent(data: string): EventFacts;
}
