import { parse, TomlError } from 'smol-toml';
import { configError } from './issues.ts';

/**
 * TOML text → a plain document, nothing expanded and nothing validated.
 *
 * Throws `config_invalid` with line and column. The line itself is not shown: it may hold a key.
 */
export function parseToml(text: string, source?: string): Record<string, unknown> {
  try {
    // Editors on Windows like to begin a file with a byte order mark.
    return parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = error.message.split('\n', 1)[0]?.replace(/^Invalid TOML document: /, '') ?? '';
    throw configError([{ path: `line ${error.line}, column ${error.column}`, message: reason }], source);
  }
}
