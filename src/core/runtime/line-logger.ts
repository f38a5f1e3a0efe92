// A logger that writes lines: for people, or as JSON for programs that collect them.
import type { Logger } from './logger.ts';
import { oncePerTurn } from './once-per-turn.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export interface LineLoggerSettings {
  /** Least serious lines that are written. */
  readonly level: LogLevel;
  readonly format: 'text' | 'json';
}

export interface LineOutput {
  /**
   * Gets whole lines, each with its end. Default: the console's error stream, once in a turn of the event loop with all
   * lines of it.
   */
  readonly write?: (text: string) => unknown;
  /** Whether a person reads on a terminal that shows colours. */
  readonly colours?: boolean;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

type Fields = Readonly<Record<string, unknown>>;

/** From the most serious on. */
const LEVELS: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];
const COLOURS: Readonly<Record<LogLevel, number>> = { error: 31, warn: 33, info: 32, debug: 90 };
/** Names that every line in JSON has. */
const OWN: ReadonlySet<string> = new Set(['time', 'level', 'message']);
/** Text that stands as it is; anything else is quoted, so that no value can pretend to be a line. */
const PLAIN = /^[\w./:@+*-]+$/;

const toConsole = oncePerTurn((text) => console.error(text.trimEnd()));

/** Times are UTC. */
export function lineLogger({ level, format }: LineLoggerSettings, output: LineOutput = {}): Logger {
  const { write = toConsole, colours = false, now = Date.now } = output;
  const least = LEVELS.indexOf(level);
  const at = (own: LogLevel) => {
    if (LEVELS.indexOf(own) > least) return () => {};
    return (message: string, fields: Fields = {}) => {
      const time = new Date(now()).toISOString();
      write(
        `${format === 'json' ? jsonLine(time, own, message, fields) : textLine(time, own, message, fields, colours)}\n`,
      );
    };
  };
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}

function textLine(time: string, level: LogLevel, message: string, fields: Fields, colours: boolean): string {
  const label = level.toUpperCase().padStart(5);
  const paint = (code: number, text: string): string => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  let line = `${paint(90, time)} ${paint(COLOURS[level], label)} ${oneLine(message)}`;
  let stack = '';
  for (const [name, value] of Object.entries(fields)) {
    if (value instanceof Error) stack += `\n${indented(value.stack ?? String(value))}`;
    else if (value !== undefined) line += ` ${paint(90, `${name}=`)}${shown(value)}`;
  }
  return line + stack;
}

function jsonLine(time: string, level: LogLevel, message: string, fields: Fields): string {
  try {
    const own = { time, level, message };
    if (needsCare(fields)) return JSON.stringify({ ...own, ...fields }, plainly);
    // Two texts are joined faster than two objects.
    const rest = JSON.stringify(fields);
    return rest === '{}' ? JSON.stringify(own) : `${JSON.stringify(own).slice(0, -1)},${rest.slice(1)}`;
  } catch {
    // Whatever cannot be written must not cost the line.
    return JSON.stringify({ time, level, message });
  }
}

/**
 * Whether a name stands in every line already, or there is a value that JSON cannot hold as it is, or may not: a replacer
 * is asked about every member, which takes several times as long.
 */
function needsCare(fields: Fields): boolean {
  for (const name in fields) {
    const value = fields[name];
    if (typeof value === 'bigint' || (typeof value === 'object' && value !== null) || OWN.has(name)) return true;
  }
  return false;
}

function plainly(_key: string, value: unknown): unknown {
  if (value instanceof Error) return { name: value.name, message: value.message, stack: value.stack };
  return typeof value === 'bigint' ? String(value) : value;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return PLAIN.test(value) ? value : JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    return JSON.stringify(value, plainly);
  } catch {
    return '[object]';
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

/** A trace of several lines that belong to the one above; control characters may come from anywhere. */
function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${oneLine(line)}`)
    .join('\n');
}
