import type { Part, ToolResultPart, Turn } from './request.ts';

/** Collects parts into turns of alternating sides, the results of a user's turn first. A turn without parts leaves no trace. */
export class TurnList {
  readonly #turns: Turn[] = [];
  #role: Turn['role'] = 'user';
  #results: Part[] = [];
  #parts: Part[] = [];

  add(role: Turn['role'], part: Part): void {
    this.#turnTo(role);
    this.#parts.push(part);
  }

  addResult(part: ToolResultPart): void {
    this.#turnTo('user');
    this.#results.push(part);
  }

  close(): Turn[] {
    const parts = this.#results.concat(this.#parts);
    if (parts.length > 0) this.#turns.push({ role: this.#role, parts });
    this.#results = [];
    this.#parts = [];
    return this.#turns;
  }

  #turnTo(role: Turn['role']): void {
    if (role === this.#role) return;
    this.close();
    this.#role = role;
  }
}
