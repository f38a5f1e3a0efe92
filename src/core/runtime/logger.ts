/** Where Nexus reports; `fields` never hold secrets or prompts. Any of the usual structured loggers fits. */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

const print =
  (write: (...values: unknown[]) => void) => (message: string, fields?: Readonly<Record<string, unknown>>) =>
    fields === undefined ? write(`[nexus] ${message}`) : write(`[nexus] ${message}`, fields);

/** Warnings and errors to the console; a library inside somebody's process says nothing else unasked. */
export const consoleLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: print((...values) => console.warn(...values)),
  error: print((...values) => console.error(...values)),
};
