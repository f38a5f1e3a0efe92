import type { NexusError } from '../../../errors/nexus-error.ts';
import type { CanonicalEvent } from '../../canonical/event.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';
import type { DecodeContext } from '../protocol.ts';
import { argumentsText, callId } from './decode-response.ts';
import { unreadable } from './failure.ts';
import { thoughtSignature } from './reasoning.ts';

type Emit = (event: CanonicalEvent) => void;

interface OpenCall {
  /** Its number in the canonical stream. */
  readonly index: number;
  /** The host's id, empty where it gave none. */
  readonly id: string;
}

/** The older form of a call has no index and comes alone. */
const LEGACY = 'function_call';

/** Calls in the deltas of one answer, told apart by their `index` and numbered by first appearance. */
export class ToolCallReader {
  readonly #context: DecodeContext;
  readonly #open = new Map<unknown, OpenCall>();
  #last: OpenCall | undefined;
  #count = 0;

  constructor(context: DecodeContext) {
    this.#context = context;
  }

  /** How many calls there have been. */
  get count(): number {
    return this.#count;
  }

  /** Reports what `delta` says of calls, or returns why the answer cannot go on. */
  read(delta: JsonObject, emit: Emit): NexusError | undefined {
    const { tool_calls: pieces, function_call: legacy } = delta;
    if (Array.isArray(pieces)) {
      for (const piece of pieces) {
        const unread = isJsonObject(piece)
          ? this.#piece(piece, delta, emit)
          : unreadable('a call that is not an object');
        if (unread !== undefined) return unread;
      }
    }
    if (!isJsonObject(legacy)) return undefined;
    // Empty beside the real calls at some hosts.
    if (!legacy['name'] && !this.#open.has(LEGACY)) return undefined;
    return this.#piece({ index: LEGACY, function: legacy }, delta, emit);
  }

  /** Pieces of tools that are not functions have no `function` and are left out. */
  #piece(piece: JsonObject, delta: JsonObject, emit: Emit): NexusError | undefined {
    const called = piece['function'];
    if (!isJsonObject(called)) return undefined;
    const name = typeof called['name'] === 'string' ? called['name'] : '';
    const id = typeof piece['id'] === 'string' ? piece['id'] : '';
    let call = this.#find(piece['index'], id, name);
    if (call === undefined) {
      if (name === '') return unreadable('a tool call without a name');
      call = { index: this.#count++, id };
      const signature = thoughtSignature(piece) ?? (call.index === 0 ? thoughtSignature(delta) : undefined);
      const minted = callId(id, this.#context);
      emit({ type: 'tool_call', index: call.index, id: minted, name, ...(signature !== undefined && { signature }) });
    }
    this.#open.set(piece['index'], call);
    this.#last = call;
    const json = argumentsText(called['arguments']);
    if (json !== '') emit({ type: 'tool_arguments', index: call.index, json });
    return undefined;
  }

  /**
   * The call a piece belongs to. Some hosts send no index, others the same one for every call: then a name with an id of
   * its own opens a new call.
   */
  #find(index: unknown, id: string, name: string): OpenCall | undefined {
    const known = typeof index === 'number' || index === LEGACY ? this.#open.get(index) : this.#last;
    if (known === undefined || name === '') return known;
    if (typeof index !== 'number' && index !== LEGACY && id === '') return undefined;
    return id === '' || id === known.id ? known : undefined;
  }
}
