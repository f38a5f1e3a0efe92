// Tests that wait for something to become true, told of every change instead of looking again and again.
import { NexusError } from '../core/index.ts';

export interface Waiters {
  /** Something changed: whoever waits looks again. */
  changed(): void;
  /** Resolves once `holds` does. Rejects with a NexusError after `timeoutMs`. */
  wait(holds: () => boolean, timeoutMs: number): Promise<void>;
}

export function createWaiters(): Waiters {
  const looks = new Set<() => void>();
  return {
    changed() {
      for (const look of looks) look();
    },
    wait(holds, timeoutMs) {
      return new Promise((resolve, reject) => {
        const settle = (finish: () => void) => {
          clearTimeout(timer);
          looks.delete(look);
          finish();
        };
        const look = () => {
          try {
            if (holds()) settle(resolve);
          } catch (thrown) {
            settle(() => reject(thrown));
          }
        };
        const timer = setTimeout(() => {
          look();
          const message = `waitFor: the condition did not become true within ${timeoutMs} ms`;
          settle(() => reject(new NexusError('internal', message)));
        }, timeoutMs);
        looks.add(look);
        look();
      });
    },
  };
}
