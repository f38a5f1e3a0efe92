import type { JsonObject } from '../../canonical/request.ts';
import { unreadable } from './error.ts';

/** A name of an object's member, or a place in a list. */
type Step = string | number;

/** An object or a list that is being written. */
interface OpenValue {
  readonly close: '}' | ']';
  /** Members that are there already. */
  readonly names: Set<string>;
  /** Items that are there already. */
  size: number;
}

/**
 * Vertex AI's `partialArgs` → pieces of the JSON text of one call's arguments. Every piece names its place by a JSON
 * path (`$.items[0].name`) and brings a value, or the next part of a string (`willContinue`). Source: `PartialArg` of the
 * published API and recorded streams. What was closed cannot be opened again: a piece that goes back, or leaves out
 * places of a list, throws `upstream_invalid`.
 */
export class PartialArguments {
  readonly #open: OpenValue[] = [];
  /** How `#open` was entered: one step less than there are values, as the outermost needs none. */
  readonly #steps: Step[] = [];
  /** Path of the string that goes on. */
  #string: string | undefined;

  /** JSON text that comes next; may be empty. */
  write(piece: JsonObject): string {
    const { jsonPath: path, stringValue: words, willContinue } = piece;
    if (typeof path !== 'string') throw unreadable('a piece of arguments without a place');
    if (this.#string === path && typeof words === 'string') {
      if (willContinue !== true) this.#string = undefined;
      return insideQuotes(words) + (willContinue === true ? '' : '"');
    }
    const before = this.#closeString() + this.#enter(stepsOf(path));
    if (typeof words !== 'string') return before + plainValue(piece);
    if (willContinue === true) this.#string = path;
    return `${before}"${insideQuotes(words)}${willContinue === true ? '' : '"'}`;
  }

  /** JSON text that makes the arguments whole. */
  end(): string {
    if (this.#open.length === 0) return '{}';
    let text = this.#closeString();
    while (this.#open.length > 0) text += this.#open.pop()?.close ?? '';
    return text;
  }

  #closeString(): string {
    if (this.#string === undefined) return '';
    this.#string = undefined;
    return '"';
  }

  /** Leaves what does not lead to the place, opens what does, and writes everything before its value. */
  #enter(path: readonly Step[]): string {
    let text = this.#open.length === 0 ? this.#begin(path[0]) : '';
    let shared = 0;
    while (shared < path.length - 1 && shared < this.#steps.length && this.#steps[shared] === path[shared]) shared++;
    while (this.#steps.length > shared) {
      this.#steps.pop();
      text += this.#open.pop()?.close ?? '';
    }
    for (const [position, step] of path.entries()) {
      if (position < shared) continue;
      text += this.#place(step);
      if (position === path.length - 1) break;
      this.#steps.push(step);
      text += this.#begin(path[position + 1]);
    }
    return text;
  }

  #begin(inside: Step | undefined): string {
    const isList = typeof inside === 'number';
    this.#open.push({ close: isList ? ']' : '}', names: new Set(), size: 0 });
    return isList ? '[' : '{';
  }

  #place(step: Step): string {
    const holder = this.#open.at(-1);
    const isList = holder?.close === ']';
    if (holder === undefined || isList !== (typeof step === 'number')) throw unreadable('arguments that change shape');
    if (isList ? step !== holder.size : holder.names.has(String(step))) throw unreadable('arguments out of order');
    const comma = holder.size > 0 ? ',' : '';
    holder.size += 1;
    if (typeof step === 'number') return comma;
    holder.names.add(step);
    return `${comma}${JSON.stringify(step)}:`;
  }
}

function insideQuotes(words: string): string {
  return JSON.stringify(words).slice(1, -1);
}

function plainValue({ numberValue: number, boolValue: truth, nullValue }: JsonObject): string {
  if (typeof number === 'number') return JSON.stringify(number);
  if (typeof truth === 'boolean') return String(truth);
  if (nullValue !== undefined) return 'null';
  throw unreadable('a piece of arguments without a value');
}

/** `.name`, `[0]`, `['name']` or `["name"]`. */
const STEP = /\.([^.[\]]+)|\[(\d{1,6})\]|\['((?:\\.|[^'\\])*)'\]|\["((?:\\.|[^"\\])*)"\]/y;

function stepsOf(path: string): Step[] {
  const steps: Step[] = [];
  let position = path.startsWith('$') ? 1 : 0;
  while (position > 0 && position < path.length) {
    STEP.lastIndex = position;
    const found = STEP.exec(path);
    if (found === null) break;
    const [whole, plain, place, single, double] = found;
    steps.push(place === undefined ? (plain ?? (single ?? double ?? '').replace(/\\(.)/g, '$1')) : Number(place));
    position += whole.length;
  }
  // Arguments are an object.
  if (position !== path.length || typeof steps[0] !== 'string')
    throw unreadable('a piece of arguments without a place');
  return steps;
}
