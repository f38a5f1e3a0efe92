/** A call that waits, with what has arrived of it. */
interface WaitingCall {
  readonly id: string;
  readonly name: string;
  readonly signature: string | undefined;
  json: string;
}

/**
 * Puts tool calls in line for a format that writes one at a time. The call in front is written as it arrives. The next
 * one takes its place when the arguments of the one in front are whole; while they are not, more of them may come, so
 * all later calls wait until something else follows or the answer ends.
 */
export class ToolCallQueue {
  #front: number | undefined;
  #frontJson = '';
  readonly #waiting = new Map<number, WaitingCall>();

  /** A call begins. Whether it can be written now. */
  begin(index: number, id: string, name: string, signature?: string): boolean {
    if (this.#waiting.size > 0 || (this.#front !== undefined && !isWhole(this.#frontJson))) {
      this.#waiting.set(index, { id, name, signature, json: '' });
      return false;
    }
    this.#front = index;
    this.#frontJson = '';
    return true;
  }

  /** Arguments arrive: to be written, to be kept for their turn, or too late, because their call has been left. */
  add(index: number, json: string): 'write' | 'keep' | 'late' {
    if (index === this.#front) {
      this.#frontJson += json;
      return 'write';
    }
    const call = this.#waiting.get(index);
    if (call === undefined) return json.trim() === '' ? 'keep' : 'late';
    call.json += json;
    return 'keep';
  }

  /** Leaves the call in front and takes out those that waited for it, in their order. */
  drain(): WaitingCall[] {
    this.#front = undefined;
    this.#frontJson = '';
    if (this.#waiting.size === 0) return [];
    const calls = [...this.#waiting.values()];
    this.#waiting.clear();
    return calls;
  }
}

function isWhole(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}
