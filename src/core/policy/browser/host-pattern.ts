// Host names with `*`, `?`, `[a-z]`, `[!a-z]`, `{one,two}` and `\` before a plain one of these. Matching takes at most
// the product of both lengths, whatever the pattern.

type Piece = '*' | '?' | string | { readonly set: ReadonlySet<string>; readonly negated: boolean };

const MOST_ALTERNATIVES = 64;
const LONGEST_HOST = 255;

/** A test of host names, in lower case. What is no complete pattern is taken as it is written. */
export function hostPattern(pattern: string): (host: string) => boolean {
  const alternatives = expand(pattern).map(piecesOf);
  return (host) => host.length <= LONGEST_HOST && alternatives.some((pieces) => matches(pieces, host));
}

/** `a{b,c}d` → `abd`, `acd`; innermost braces first, so that they may nest. */
function expand(pattern: string): string[] {
  const done: string[] = [];
  const open = [pattern];
  for (let next = open.pop(); next !== undefined && done.length + open.length < MOST_ALTERNATIVES; next = open.pop()) {
    const braces = /\{([^{}\\]*)\}/.exec(next);
    if (braces === null) {
      done.push(next);
      continue;
    }
    const before = next.slice(0, braces.index);
    const after = next.slice(braces.index + braces[0].length);
    for (const choice of (braces[1] ?? '').split(',')) open.push(`${before}${choice}${after}`);
  }
  return done;
}

function piecesOf(pattern: string): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === '\\' && at + 1 < pattern.length) {
      pieces.push({ set: new Set(pattern.charAt(++at)), negated: false });
    } else if (character === '[') {
      const end = pattern.indexOf(']', at + 2);
      if (end < 0) pieces.push({ set: new Set('['), negated: false });
      else {
        pieces.push(characterClass(pattern.slice(at + 1, end)));
        at = end;
      }
    } else if (character !== '*' || pieces[pieces.length - 1] !== '*') pieces.push(character);
  }
  return pieces;
}

function characterClass(text: string): Piece {
  const negated = text.startsWith('!');
  const members = negated ? text.slice(1) : text;
  const set = new Set<string>();
  for (let at = 0; at < members.length; at++) {
    const from = members.charCodeAt(at);
    const isRange = members.charAt(at + 1) === '-' && at + 2 < members.length;
    const to = isRange ? members.charCodeAt(at + 2) : from;
    for (let code = from; code <= to; code++) set.add(String.fromCharCode(code));
    if (isRange) at += 2;
  }
  return { set, negated };
}

/** Goes back to the last star only: what an earlier one has taken need never be given back. */
function matches(pieces: readonly Piece[], host: string): boolean {
  let piece = 0;
  let at = 0;
  let star = -1;
  let starAt = 0;
  while (at < host.length) {
    const current = pieces[piece];
    if (current === '*') {
      star = piece++;
      starAt = at;
    } else if (current !== undefined && fits(current, host.charAt(at))) {
      piece++;
      at++;
    } else if (star >= 0) {
      piece = star + 1;
      at = ++starAt;
    } else return false;
  }
  while (pieces[piece] === '*') piece++;
  return piece === pieces.length;
}

function fits(piece: Piece, character: string): boolean {
  if (typeof piece === 'object') return piece.set.has(character) !== piece.negated;
  return piece === '?' || piece === character;
}
