import { type ConfigIssue, configError, formatPath } from './issues.ts';
import { isTable } from './table.ts';

/** Where the values come from: `process.env` or anything of its shape. */
export type Environment = Readonly<Record<string, string | undefined>>;

// {{ env.NAME }} and, beyond the reference, {{ env.NAME | "text" }}. Anything else, such as ${NAME}, stays literal.
const TOKEN = /\{\{\s*([A-Za-z0-9_.]+)\s*(?:\|\s*"([^"]*)"\s*)?\}\}/g;
const VARIABLE = /^env\.([A-Za-z0-9_]+)$/;

export interface Expansion {
  /** The document with every string expanded; strings that cannot be expanded stay as they were. */
  readonly value: unknown;
  readonly issues: readonly ConfigIssue[];
  /** Paths of strings that hold something from the environment: not to be shown, it may be a secret. */
  readonly filled: ReadonlySet<string>;
}

/** What one walk through a document gathers. */
interface Walk {
  readonly environment: Environment;
  readonly issues: ConfigIssue[];
  readonly filled: Set<string>;
}

/**
 * Replaces `{{ env.NAME }}` in every string of a document, at any depth; keys stay as they are. A variable that is set
 * to nothing expands to nothing; the default of `{{ env.NAME | "default" }}` counts only when the variable is not set.
 * Values are not expanded again.
 *
 * Throws `config_invalid` naming every variable that is missing, with the path of its value.
 */
export function expandEnv(document: unknown, environment: Environment): unknown {
  const { value, issues } = expandDocument(document, environment);
  if (issues.length > 0) throw configError(issues);
  return value;
}

/** `expandEnv` that reports instead of throwing. */
export function expandDocument(document: unknown, environment: Environment): Expansion {
  const walk: Walk = { environment, issues: [], filled: new Set() };
  const value = expand(document, [], walk);
  return { value, issues: walk.issues, filled: walk.filled };
}

function expand(value: unknown, path: readonly PropertyKey[], walk: Walk): unknown {
  if (typeof value === 'string') return expandText(value, path, walk);
  if (Array.isArray(value)) return value.map((item, index) => expand(item, [...path, index], walk));
  if (!isTable(value)) return value;
  const expanded: Record<string, unknown> = Object.create(null);
  for (const [key, item] of Object.entries(value)) expanded[key] = expand(item, [...path, key], walk);
  return expanded;
}

function expandText(text: string, path: readonly PropertyKey[], { environment, issues, filled }: Walk): string {
  if (isUnclosed(text)) issues.push({ path: formatPath(path), message: 'has an {{ env. that no }} closes' });
  return text.replace(TOKEN, (token, name: string, fallback: string | undefined) => {
    const variable = VARIABLE.exec(name)?.[1];
    if (variable === undefined) {
      issues.push({ path: formatPath(path), message: `only env. variables are supported, found "${name}"` });
      return token;
    }
    const value = Object.hasOwn(environment, variable) ? environment[variable] : undefined;
    if (value !== undefined) {
      filled.add(formatPath(path));
      return value;
    }
    if (fallback !== undefined) return fallback;
    issues.push({ path: formatPath(path), message: `environment variable ${variable} is not set` });
    return token;
  });
}

/** Whether a variable begins and does not end: its text would be taken for the value. */
function isUnclosed(text: string): boolean {
  const at = text.lastIndexOf('{{');
  return at >= 0 && /^\{\{\s*env\./.test(text.slice(at)) && !text.includes('}}', at);
}
