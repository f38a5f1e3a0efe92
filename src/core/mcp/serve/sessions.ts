import { randomBytes } from 'node:crypto';
import { LegacySession, type SessionFacts } from './legacy-session.ts';

const IDLE_MS = 30 * 60_000;
const LOOK_MS = 60_000;
const MOST = 10_000;
const MOST_PER_OWNER = 1000;

interface Held {
  readonly session: LegacySession;
  usedAt: number;
}

/** The open sessions by id. One nobody used for half an hour ends; so does the longest idle one when there are too many. */
export class Sessions {
  readonly #held = new Map<string, Held>();
  readonly #elapsed: () => number;
  #timer: NodeJS.Timeout | undefined;

  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
  }

  get size(): number {
    return this.#held.size;
  }

  get running(): number {
    let sum = 0;
    for (const { session } of this.#held.values()) sum += session.running;
    return sum;
  }

  /** Undefined when every session there may be is in use. */
  open(facts: Omit<SessionFacts, 'id' | 'scope'>): LegacySession | undefined {
    if (!this.#makeRoom(facts.owner)) return undefined;
    const id = randomBytes(24).toString('base64url');
    const session = new LegacySession({ ...facts, id, scope: `session:${randomBytes(12).toString('base64url')}` });
    this.#held.set(id, { session, usedAt: this.#elapsed() });
    if (this.#timer === undefined) {
      this.#timer = setInterval(() => this.#expire(), LOOK_MS);
      this.#timer.unref();
    }
    return session;
  }

  /** A session for the one who opened it at that surface; undefined for everyone else. */
  find(id: string, owner: string, surface: string): LegacySession | undefined {
    const held = this.#held.get(id);
    if (held === undefined || held.session.facts.owner !== owner || held.session.facts.surface.key !== surface) {
      return undefined;
    }
    held.usedAt = this.#elapsed();
    // Kept in the order of use.
    this.#held.delete(id);
    this.#held.set(id, held);
    return held.session;
  }

  end(session: LegacySession): void {
    this.#held.delete(session.facts.id);
    session.close();
    if (this.#held.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  close(): void {
    for (const { session } of [...this.#held.values()]) this.end(session);
  }

  #makeRoom(owner: string): boolean {
    // Nobody in particular shares what there is; everyone known has a part of it.
    const isKnown = owner.startsWith('id:');
    if (this.#held.size < MOST_PER_OWNER) return true;
    let own = 0;
    if (isKnown) for (const { session } of this.#held.values()) if (session.facts.owner === owner) own++;
    if (own < MOST_PER_OWNER && this.#held.size < MOST) return true;
    for (const { session } of this.#held.values()) {
      if (session.isBusy || (own >= MOST_PER_OWNER && session.facts.owner !== owner)) continue;
      this.end(session);
      return true;
    }
    return false;
  }

  #expire(): void {
    const oldest = this.#elapsed() - IDLE_MS;
    for (const held of [...this.#held.values()]) {
      if (held.session.isBusy) held.usedAt = this.#elapsed();
      else if (held.usedAt < oldest) this.end(held.session);
    }
  }
}
