// Patterns that are matched against names clients choose: what they may look like, so that no name can stall the house.
import * as z from 'zod';
import { formed } from './values.ts';

const LONGEST = 512;

/** A regular expression → case-insensitive and unanchored. `name` is what messages call it. */
export function pattern(name: string) {
  const schema = z.string().transform((value, context): RegExp => {
    const refuse = (message: string): never => {
      context.addIssue(message);
      return z.NEVER;
    };
    // Other dialects write the flag that always holds here into the pattern.
    const source = value.trim().replace(/^\(\?i\)/, '');
    if (source === '') return refuse('cannot be empty');
    if (source.length > LONGEST) return refuse(`must be at most ${LONGEST} characters long`);
    let compiled: RegExp;
    try {
      compiled = new RegExp(source, 'i');
    } catch {
      return refuse(`invalid ${name} regex`);
    }
    if (repeatsAmbiguously(source)) return refuse('must not repeat a group that itself repeats or has alternatives');
    return compiled;
  });
  return formed('pattern', schema);
}

/**
 * Whether a valid pattern repeats a group inside which something repeats or one of several ways can be taken: the shape
 * that takes exponential time on a name made for it. Lookarounds and captures count as groups like any other.
 */
export function repeatsAmbiguously(source: string): boolean {
  /** Per open group: whether it holds a choice so far. */
  const open: boolean[] = [false];
  let closed = false;
  for (let at = 0; at < source.length; at++) {
    const character = source[at];
    if (character === '\\') {
      at++;
      closed = false;
    } else if (character === '[') {
      at = endOfClass(source, at);
      closed = false;
    } else if (character === '(') {
      open.push(false);
      // `(?` opens the group and repeats nothing.
      if (source[at + 1] === '?') at++;
      closed = false;
    } else if (character === ')') {
      closed = open.pop() ?? false;
      if (closed) mark(open);
    } else if (character === '|') {
      mark(open);
      closed = false;
    } else {
      const quantifier = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(source.slice(at, at + 24))?.[0];
      if (quantifier !== undefined) {
        if (closed && repeats(quantifier)) return true;
        mark(open);
        at += quantifier.length - 1;
      }
      closed = false;
    }
  }
  return false;
}

function mark(open: boolean[]): void {
  if (open.length > 0) open[open.length - 1] = true;
}

/** More than once, that is. */
function repeats(quantifier: string): boolean {
  return !/^(?:\?|\{[01]\}|\{[01],1\})/.test(quantifier);
}

function endOfClass(source: string, start: number): number {
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === ']') return at;
  }
  return source.length;
}
