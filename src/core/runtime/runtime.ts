/** What Nexus takes from the platform; tests hand in their own. */
export interface Runtime {
  /** Wall clock, Unix milliseconds. */
  now(): number;
  /** Monotonic clock, milliseconds; only differences mean anything. */
  elapsed(): number;
  /** A number in [0, 1), for choices that nobody must be able to rely on or needs to guess. */
  random(): number;
  /** A new id: unique among all processes, safe in a header, not a secret. */
  id(): string;
}

// One random part per process and a count: an eighth of the cost of a UUID per request.
const PROCESS_ID = crypto.randomUUID().replaceAll('-', '').slice(0, 20);
let count = 0;

export const systemRuntime: Runtime = {
  now: Date.now,
  // Bound once: Node's global `performance` is a getter.
  elapsed: performance.now.bind(performance),
  random: Math.random,
  id: () => `${PROCESS_ID}-${(count++).toString(36)}`,
};
