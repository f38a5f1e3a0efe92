import type { Condition, Plain, Test } from '../../config/resolve-routes.ts';

/** The value of a field of a request; `undefined` when it has none. */
export type FieldReader = (path: string) => unknown;

/** Whether a condition holds for a request. */
export function holds(condition: Condition, field: FieldReader): boolean {
  switch (condition.kind) {
    case 'all':
      return condition.conditions.every((inner) => holds(inner, field));
    case 'any':
      return condition.conditions.some((inner) => holds(inner, field));
    case 'not':
      return !holds(condition.condition, field);
    case 'field': {
      const value = field(condition.path);
      return condition.tests.every((test) => passes(test, value));
    }
  }
}

/** A field that is missing passes only what asks for something else, or for its absence. */
function passes(test: Test, value: unknown): boolean {
  if (value === undefined || value === null) {
    if (test.operator === 'exists') return !test.wanted;
    return test.operator === 'ne' || test.operator === 'nin';
  }
  switch (test.operator) {
    case 'eq':
      return value === test.value;
    case 'ne':
      return value !== test.value;
    case 'in':
      return test.values.includes(value as Plain);
    case 'nin':
      return !test.values.includes(value as Plain);
    case 'gt':
      return typeof value === 'number' && value > test.bound;
    case 'gte':
      return typeof value === 'number' && value >= test.bound;
    case 'lt':
      return typeof value === 'number' && value < test.bound;
    case 'lte':
      return typeof value === 'number' && value <= test.bound;
    case 'glob':
      return typeof value === 'string' && matchesGlob(value, test.glob);
    case 'regex':
      return typeof value === 'string' && value.length <= LONGEST && test.pattern.test(value);
    case 'exists':
      return test.wanted;
    case 'contains':
      if (Array.isArray(value)) return value.includes(test.value);
      return typeof value === 'string' && value.includes(String(test.value));
  }
}

/** Clients write what is matched: no pattern looks at more. */
const LONGEST = 4096;

/** `*` stands for any text, `?` for one character. Takes at most the product of the two lengths. */
export function matchesGlob(text: string, glob: string): boolean {
  if (text.length > LONGEST) return false;
  let at = 0;
  let want = 0;
  let star = -1;
  let from = 0;
  while (at < text.length) {
    if (want < glob.length && glob[want] === '*') {
      star = want++;
      from = at;
    } else if (want < glob.length && (glob[want] === '?' || glob[want] === text[at])) {
      at++;
      want++;
    } else if (star >= 0) {
      want = star + 1;
      at = ++from;
    } else return false;
  }
  while (want < glob.length && glob[want] === '*') want++;
  return want === glob.length;
}
