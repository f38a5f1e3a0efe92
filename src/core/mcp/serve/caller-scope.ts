import type { Principal } from '../../exchange/principal.ts';

/** What sessions and states are bound to; texts of different principals differ, and nobody is like none. */
export function principalKey(principal: Principal | undefined): string {
  return principal === undefined ? 'anonymous' : `id:${principal.id}`;
}

/**
 * Scopes for stateless callers. Calls during which a server may ask the client back get a scope of their own while they
 * run, so that no question reaches a client which did not cause it; scopes are used again, as few as run at once.
 */
export class ScopePool {
  readonly #busy = new Map<string, boolean[]>();

  /** The scope of calls that are never asked back. */
  plain(key: string): string {
    return `modern:${key}`;
  }

  /** The lowest free scope of a principal, and the function that frees it. */
  take(key: string): { readonly scope: string; readonly free: () => void } {
    const slots = this.#busy.get(key) ?? [];
    this.#busy.set(key, slots);
    let slot = slots.indexOf(false);
    if (slot < 0) slot = slots.length;
    slots[slot] = true;
    let isFree = false;
    const free = (): void => {
      if (isFree) return;
      isFree = true;
      slots[slot] = false;
      while (slots.length > 0 && slots[slots.length - 1] === false) slots.pop();
      if (slots.length === 0 && this.#busy.get(key) === slots) this.#busy.delete(key);
    };
    return { scope: `modern:${key}#${slot}`, free };
  }
}
