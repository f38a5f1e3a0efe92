import type { ToolCallPart, ToolResultPart } from '../../canonical/request.ts';
import { mintedCallId } from './call-id.ts';

/** Ids for a history that may have none: a result belongs to the oldest call of its name that has no result yet. */
export class CallIds {
  #minted = 0;
  readonly #open = new Set<string>();
  readonly #queues = new Map<string, { readonly ids: string[]; next: number }>();

  forCall(name: string, id: unknown): ToolCallPart['id'] {
    const callId = typeof id === 'string' && id !== '' ? id : mintedCallId(++this.#minted);
    const queue = this.#queues.get(name);
    if (queue === undefined) this.#queues.set(name, { ids: [callId], next: 0 });
    else queue.ids.push(callId);
    this.#open.add(callId);
    return callId;
  }

  forResult(name: string, id: unknown): ToolResultPart['callId'] {
    if (typeof id === 'string' && this.#open.delete(id)) return id;
    const queue = this.#queues.get(name);
    while (queue !== undefined && queue.next < queue.ids.length) {
      const oldest = queue.ids[queue.next++];
      if (oldest !== undefined && this.#open.delete(oldest)) return oldest;
    }
    return typeof id === 'string' && id !== '' ? id : mintedCallId(++this.#minted);
  }
}
