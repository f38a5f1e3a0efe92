// What a branch of a conditional route asks of a request: data in the configuration → a tree that can be asked.

import { repeatsAmbiguously } from './pattern.ts';

/** Compared with the value of a field; every one of them must hold. */
export type Test =
  | { readonly operator: 'eq' | 'ne'; readonly value: Plain }
  | { readonly operator: 'in' | 'nin'; readonly values: readonly Plain[] }
  | { readonly operator: 'gt' | 'gte' | 'lt' | 'lte'; readonly bound: number }
  | { readonly operator: 'glob'; readonly glob: string }
  | { readonly operator: 'regex'; readonly pattern: RegExp }
  | { readonly operator: 'exists'; readonly wanted: boolean }
  | { readonly operator: 'contains'; readonly value: Plain };

export type Plain = string | number | boolean;

export type Condition =
  | { readonly kind: 'field'; readonly path: string; readonly tests: readonly Test[] }
  | { readonly kind: 'all' | 'any'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'not'; readonly condition: Condition };

const FIELDS =
  /^(?:request\.(?:model|stream|priority|input_tokens|max_tokens|has_tools|has_images|endpoint)|subject\.[\w.-]+|headers\.[a-z0-9-]+|metadata\.[\w.-]+|guardrails\.tags|time\.(?:hour|weekday))$/;
/** They would make routing depend on a secret. */
const CREDENTIALS =
  /^headers\.(?:authorization|proxy-authorization|cookie|x-api-key|api-key|x-goog-api-key|x-provider-api-key)$/;
const BOUNDS: ReadonlySet<string> = new Set(['gt', 'gte', 'lt', 'lte']);
const OPERATORS = ['in', 'nin', 'ne', 'gt', 'gte', 'lt', 'lte', 'glob', 'regex', 'exists', 'contains'];
const LONGEST_PATTERN = 512;
const DEEPEST = 10;

/** A message says what is wrong. Several members of one table must all hold. */
export function parseCondition(value: unknown, depth = 0): Condition | string {
  if (depth > DEEPEST) return `must not nest deeper than ${DEEPEST} levels`;
  if (!isTable(value)) return 'a condition must be a table';
  const conditions: Condition[] = [];
  for (const [name, member] of Object.entries(value)) {
    const parsed = parseMember(name, member, depth);
    if (typeof parsed === 'string') return parsed;
    conditions.push(parsed);
  }
  if (conditions.length === 0) return 'a condition must not be empty';
  const [only] = conditions;
  return conditions.length === 1 && only !== undefined ? only : { kind: 'all', conditions };
}

function parseMember(name: string, member: unknown, depth: number): Condition | string {
  if (name === 'all' || name === 'any') {
    if (!Array.isArray(member) || member.length === 0) return `${name} must be a list of conditions`;
    const conditions: Condition[] = [];
    for (const item of member) {
      const parsed = parseCondition(item, depth + 1);
      if (typeof parsed === 'string') return parsed;
      conditions.push(parsed);
    }
    return { kind: name, conditions };
  }
  if (name === 'not') {
    const inner: unknown = Array.isArray(member) ? { any: member } : member;
    const condition = parseCondition(inner, depth + 1);
    return typeof condition === 'string' ? condition : { kind: 'not', condition };
  }
  if (CREDENTIALS.test(name)) return `"${name}" is a credential and cannot be asked for`;
  if (!FIELDS.test(name)) return `"${name.slice(0, 64)}" is no field of a request`;
  const tests = parseTests(name, member);
  return typeof tests === 'string' ? tests : { kind: 'field', path: name, tests };
}

function parseTests(name: string, member: unknown): readonly Test[] | string {
  if (isPlain(member)) return [{ operator: 'eq', value: member }];
  if (!isTable(member)) return `${name} must be a value or a table of operators`;
  const tests: Test[] = [];
  for (const [operator, operand] of Object.entries(member)) {
    const test = parseTest(operator, operand);
    if (typeof test === 'string') return `${name}: ${test}`;
    tests.push(test);
  }
  return tests.length === 0 ? `${name} must have an operator` : tests;
}

function parseTest(operator: string, operand: unknown): Test | string {
  if (operator === 'in' || operator === 'nin') {
    if (!Array.isArray(operand) || !operand.every(isPlain)) return `${operator} needs a list of plain values`;
    return { operator, values: operand };
  }
  if (BOUNDS.has(operator)) {
    if (typeof operand !== 'number' || !Number.isFinite(operand)) return `${operator} needs a number`;
    return { operator: operator as 'gt', bound: operand };
  }
  if (operator === 'exists')
    return typeof operand === 'boolean' ? { operator, wanted: operand } : 'exists needs true or false';
  if (operator === 'ne' || operator === 'contains') {
    return isPlain(operand) ? { operator, value: operand } : `${operator} needs a plain value`;
  }
  if (operator === 'glob' || operator === 'regex') {
    if (typeof operand !== 'string' || operand === '') return `${operator} needs a text`;
    if (operand.length > LONGEST_PATTERN) return `${operator} must be at most ${LONGEST_PATTERN} characters long`;
    return operator === 'glob' ? { operator, glob: operand } : parsePattern(operand);
  }
  return `unknown operator "${operator.slice(0, 32)}"; known: ${OPERATORS.join(', ')}`;
}

function parsePattern(source: string): Test | string {
  if (repeatsAmbiguously(source)) return 'regex must not repeat a group that itself repeats or has alternatives';
  try {
    return { operator: 'regex', pattern: new RegExp(source) };
  } catch {
    return 'regex cannot be read';
  }
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
