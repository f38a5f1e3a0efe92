// The only place where configuration touches the disk.
import { readFileSync } from 'node:fs';
import { type Environment, expandDocument } from './env.ts';
import { type ConfigIssue, configError } from './issues.ts';
import { judgeConfig, type ParseOptions } from './parse.ts';
import type { ParsedConfig } from './resolve.ts';
import { parseToml } from './toml.ts';
import type { NexusConfig } from './types.ts';

export interface LoadOptions extends ParseOptions {
  /** Where `{{ env.NAME }}` looks. Default: `process.env`. */
  readonly env?: Environment | undefined;
}

export interface LoadedConfig {
  /** For `createNexus`. */
  readonly config: NexusConfig;
  readonly parsed: ParsedConfig;
  readonly warnings: readonly string[];
}

/**
 * Reads a TOML file, replaces `{{ env.NAME }}`, validates the result, and returns it in the form `createNexus` takes.
 *
 * Throws `config_invalid` that lists everything that is wrong: the file, its syntax, missing variables, wrong values.
 */
export function loadConfig(path: string, options: LoadOptions = {}): NexusConfig {
  // Whether the application identifies callers is known to `createNexus`, which judges again.
  return readConfig(path, { identifies: true, ...options }).config;
}

/** `loadConfig` that also tells how the configuration was understood. */
export function readConfig(path: string, options: LoadOptions = {}): LoadedConfig {
  const document = parseToml(readText(path), path);
  const expansion = expandDocument(document, options.env ?? process.env);
  const { config: parsed, input, issues, warnings } = judgeConfig(expansion.value, 'toml', options);
  // What a missing variable left behind is not judged again.
  const unexpanded = new Set(expansion.issues.map((issue) => issue.path));
  const others = issues.filter((issue) => !unexpanded.has(issue.path));
  const all = [...expansion.issues, ...others.map((issue) => withoutSecrets(issue, expansion.filled))];
  if (all.length > 0 || parsed === undefined) throw configError(all, path);
  return { config: input as NexusConfig, parsed, warnings };
}

/** A variable in the wrong place may well be a key. */
function withoutSecrets(issue: ConfigIssue, filled: ReadonlySet<string>): ConfigIssue {
  if (issue.found === undefined || !filled.has(issue.path)) return issue;
  return { path: issue.path, message: issue.message, found: 'a value from the environment' };
}

function readText(path: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw configError([{ path: '', message: readFailure(error) }], path);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw configError([{ path: '', message: 'is not UTF-8 text' }], path);
  }
}

function readFailure(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'file not found';
    case 'EISDIR':
      return 'is a directory, not a file';
    case 'EACCES':
    case 'EPERM':
      return 'the file may not be read';
    default:
      return `the file cannot be read (${String(code ?? 'unknown reason')})`;
  }
}
