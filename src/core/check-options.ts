import { type ConfigIssue, configError, describeKind, nearestName } from './config/issues.ts';
import type { NexusOptions } from './options.ts';

type Kind = 'a function' | 'a list' | 'an object';

const KINDS: Readonly<Record<keyof NexusOptions, Kind>> = {
  fetch: 'a function',
  logger: 'an object',
  providers: 'a list',
  sinks: 'a list',
  tools: 'an object',
  mcpServers: 'an object',
  identify: 'a function',
  telemetry: 'an object',
  runtime: 'an object',
};
const KNOWN: ReadonlyMap<string, Kind> = new Map(Object.entries(KINDS));

/**
 * What TypeScript says while a program is written is said to JavaScript when it starts: a misspelt `identify` must not
 * leave an application without knowing who calls. Throws `config_invalid`, which lists every problem.
 */
export function checkOptions(options: NexusOptions): void {
  if (!isOf('an object', options)) {
    throw configError([{ path: 'options', message: 'must be an object', found: describeKind(options) }]);
  }
  const issues: ConfigIssue[] = [];
  for (const [name, value] of Object.entries(options)) {
    const kind = KNOWN.get(name);
    const path = `options.${name}`;
    if (kind === undefined) {
      const suggestion = nearestName(name, KNOWN.keys());
      issues.push({ path, message: 'is not an option', ...(suggestion !== undefined && { suggestion }) });
    } else if (value !== undefined && !isOf(kind, value)) {
      issues.push({ path, message: `must be ${kind}`, found: describeKind(value) });
    }
  }
  if (issues.length > 0) throw configError(issues);
}

function isOf(kind: Kind, value: unknown): boolean {
  if (kind === 'a list') return Array.isArray(value);
  // A logger may be a function that has methods.
  return typeof value === 'function' || (kind === 'an object' && typeof value === 'object' && value !== null);
}
