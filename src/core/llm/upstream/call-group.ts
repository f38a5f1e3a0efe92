import type { Call } from './call.ts';

/** How many calls of one request may be under way at a time. */
const PARALLEL = 8;

/**
 * Runs `count` calls that make one answer together: a few at a time, begun in order. The first that fails ends those
 * under way and begins no more. Resolves when all have been answered; rejects with the first failure.
 */
export function runTogether(count: number, open: (index: number) => Call): Promise<void> {
  return new Promise((resolve, reject) => {
    const running: Call[] = [];
    let begun = 0;
    let answered = 0;
    let failed = false;
    const fail = (error: unknown): void => {
      if (failed) return;
      failed = true;
      reject(error);
      // Those that are over already take no notice.
      for (const call of running) call.cancel();
    };
    const begin = (slot: number): void => {
      if (failed || begun === count) return;
      let call: Call;
      try {
        call = open(begun++);
      } catch (error) {
        fail(error);
        return;
      }
      running[slot] = call;
      call.run().then(() => {
        if (++answered === count) resolve();
        else begin(slot);
      }, fail);
    };
    for (let slot = 0; slot < PARALLEL && begun < count; slot++) begin(slot);
  });
}
