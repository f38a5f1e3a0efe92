// Problems of a configuration as data, and the readable report made of them. Nothing here knows the schema.
import { NexusError } from '../errors/nexus-error.ts';

/** One problem of a configuration. */
export interface ConfigIssue {
  /** Where, in the spelling the configuration uses: `llm.providers.openai.base_url`; empty for the whole document. */
  readonly path: string;
  /** What is wrong, and what was expected. */
  readonly message: string;
  /** The value found, shortened; absent where it may be a secret. */
  readonly found?: string;
  /** The known name nearest to the one found. */
  readonly suggestion?: string;
}

const LONGEST_VALUE = 32;
const LONGEST_NAME = 64;

/** One line: `path: message, found value (did you mean "name"?)`. */
export function formatIssue(issue: ConfigIssue): string {
  const where = issue.path === '' ? '' : `${issue.path}: `;
  const found = issue.found === undefined ? '' : `, found ${issue.found}`;
  const hint = issue.suggestion === undefined ? '' : ` (did you mean "${issue.suggestion}"?)`;
  return `${where}${issue.message}${found}${hint}`;
}

/** `config_invalid` that lists all `issues`; `source` names the file they were found in. */
export function configError(issues: readonly ConfigIssue[], source?: string): NexusError {
  const subject = source === undefined ? 'The configuration' : source;
  const count = issues.length === 1 ? 'one problem' : `${issues.length} problems`;
  const lines = issues.map((issue) => `\n  ${formatIssue(issue)}`);
  return new NexusError('config_invalid', `${subject} has ${count}:${lines.join('')}`, { details: [...issues] });
}

/** The issues of a `config_invalid` error; empty for anything else. */
export function configIssues(error: unknown): readonly ConfigIssue[] {
  if (!NexusError.is(error) || error.code !== 'config_invalid' || !Array.isArray(error.details)) return [];
  return error.details;
}

/** `['llm', 'models', 'gpt-4.1', 0]` → `llm.models."gpt-4.1"[0]`. */
export function formatPath(segments: readonly PropertyKey[]): string {
  let text = '';
  for (const segment of segments) {
    if (typeof segment === 'number') {
      text += `[${segment}]`;
      continue;
    }
    const key = clip(String(segment), LONGEST_NAME);
    const name = /^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key);
    text += text === '' ? name : `.${name}`;
  }
  return text;
}

/**
 * A value as a report may show it. Long texts are named by their length alone: keys that were put in the wrong place
 * are long, typing errors are short.
 */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') {
    if (value.length > LONGEST_VALUE || /^(sk|pk|key|bearer)[-_ ]/i.test(value)) return describeKind(value);
    return JSON.stringify(value.replace(/\/\/[^/]*@/, '//[redacted]@'));
  }
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  return describeKind(value);
}

/** What sort of value it is, for places where the value itself is nobody's business. */
export function describeKind(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date) return 'a date';
  switch (typeof value) {
    case 'string':
      return value === '' ? 'an empty text' : `a text of ${value.length} character${value.length === 1 ? '' : 's'}`;
    case 'boolean':
      return 'true or false';
    case 'object':
      return 'a table';
    default:
      return `a ${typeof value}`;
  }
}

/** The known name a typing error most likely meant; case and underscores do not count. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const wanted = fold(name);
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const folded = fold(candidate);
    const distance = editDistance(wanted, folded);
    // More than a third of it wrong is another word.
    if (distance < bestDistance && distance <= Math.max(wanted.length, folded.length) / 3) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function fold(name: string): string {
  return name.replaceAll(/[_-]/g, '').toLowerCase();
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `from` into `to`. */
function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replace = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      let distance = Math.min(replace, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        distance = Math.min(distance, (beforePrevious[column - 2] ?? 0) + 1);
      }
      current.push(distance);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[to.length] ?? 0;
}

function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}
