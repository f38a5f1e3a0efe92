import type { Logger } from './logger.ts';

/** A logger whose own faults reach nobody: what it throws, or rejects with, is lost with the line it should have written. */
export function guarded(logger: Logger): Logger {
  const guard =
    (level: keyof Logger): Logger[keyof Logger] =>
    (message, fields) => {
      try {
        // Typed to return nothing, an application's function may well be async.
        const written: unknown = logger[level](message, fields);
        if (written instanceof Promise) written.catch(() => undefined);
      } catch {
        // There is nobody left to tell.
      }
    };
  return { debug: guard('debug'), info: guard('info'), warn: guard('warn'), error: guard('error') };
}
