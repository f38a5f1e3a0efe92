import { unreadable } from './error.ts';

/**
 * The `input` of a tool call → JSON text. It is an object by the format; some compatible hosts send its text. Throws
 * `upstream_invalid` when it is nested too deeply to be written.
 */
export function toolInputText(input: unknown): string {
  if (input === undefined || input === null) return '{}';
  if (typeof input === 'string') return input === '' ? '{}' : input;
  try {
    return JSON.stringify(input);
  } catch (cause) {
    throw unreadable('tool arguments that are nested too deeply', cause);
  }
}
