/** A URI template that can tell whether a URI was made from it. */
export interface UriMatcher {
  /** Characters that are no variable: the more, the more specific. */
  readonly weight: number;
  matches(uri: string): boolean;
}

const EXPRESSION = /\{([^{}]*)\}/g;
const MAX_TEMPLATE = 2048;
const MAX_EXPRESSIONS = 32;

/**
 * Reads a template of RFC 6570. Undefined for one that cannot be matched. Matching is linear: literal parts are looked
 * for from left to right, and a plain variable spans no `/`.
 */
export function uriMatcher(template: string): UriMatcher | undefined {
  if (template.length > MAX_TEMPLATE) return undefined;
  const literals: string[] = [];
  const open: boolean[] = [];
  let at = 0;
  for (const match of template.matchAll(EXPRESSION)) {
    literals.push(template.slice(at, match.index));
    // `+`, `#`, `/` and friends, and exploded lists, span several segments.
    open.push(/^[+#/.;?&]/.test(match[1] ?? '') || (match[1] ?? '').endsWith('*'));
    at = match.index + match[0].length;
  }
  literals.push(template.slice(at));
  if (open.length === 0 || open.length > MAX_EXPRESSIONS) return undefined;
  const weight = literals.reduce((sum, literal) => sum + literal.length, 0);
  return { weight, matches: (uri) => fits(uri, literals, open) };
}

function fits(uri: string, literals: readonly string[], open: readonly boolean[]): boolean {
  const first = literals[0] ?? '';
  const last = literals[literals.length - 1] ?? '';
  if (!uri.startsWith(first) || !uri.endsWith(last) || uri.length < first.length + last.length) return false;
  const end = uri.length - last.length;
  let at = first.length;
  for (let i = 0; i < open.length; i++) {
    const isLast = i === open.length - 1;
    const next = isLast ? end : uri.indexOf(literals[i + 1] ?? '', at);
    if (next < 0 || next > end) return false;
    if (open[i] !== true && uri.slice(at, next).includes('/')) return false;
    at = isLast ? end : next + (literals[i + 1] ?? '').length;
  }
  return true;
}
