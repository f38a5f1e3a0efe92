// Which rule answers which request.
import type { FakeMatch, FakeReply, FakeRule } from './fake-rule.ts';
import type { Question } from './question.ts';

/** Whether `text` fits `pattern`, in which `*` stands for any text, also none. Linear in both. */
export function matchesGlob(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  const first = parts.shift() ?? '';
  const last = parts.pop();
  if (last === undefined) return text === pattern;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}

function matches(match: FakeMatch, question: Question): boolean {
  const { protocol, model, prompt, stream, hasTools, hasToolResult } = match;
  return (
    (protocol === undefined || protocol === question.protocol) &&
    (model === undefined || matchesGlob(model, question.model)) &&
    (prompt === undefined || question.prompt.toLowerCase().includes(prompt.toLowerCase())) &&
    (stream === undefined || stream === question.stream) &&
    (hasTools === undefined || hasTools === question.tools.length > 0) &&
    (hasToolResult === undefined || hasToolResult === (question.toolResult !== undefined))
  );
}

/** Rules in their order, each of which may be used up. */
export interface Rulebook<Rule, Asked, Reply> {
  add(rules: readonly Rule[]): void;
  /** The reply of the first rule that matches and is not used up; this use counts. */
  take(asked: Asked): Reply | undefined;
  /** Back to the rules of the beginning, all unused. */
  reset(): void;
}

export interface AnyRule<Match, Reply> {
  readonly match?: Match | undefined;
  readonly times?: number | undefined;
  readonly reply: Reply;
}

export function createRulebook(initial: readonly FakeRule[]): Rulebook<FakeRule, Question, FakeReply> {
  return rulesBy(initial, (match: FakeMatch, question: Question) => matches(match, question));
}

/** A rulebook for whatever can be matched; a rule without `match` takes everything. */
export function rulesBy<Match, Asked, Reply>(
  initial: readonly AnyRule<Match, Reply>[],
  takes: (match: Match, asked: Asked) => boolean,
): Rulebook<AnyRule<Match, Reply>, Asked, Reply> {
  const open = (rules: readonly AnyRule<Match, Reply>[]) =>
    rules.map((rule) => ({ rule, left: rule.times ?? Number.POSITIVE_INFINITY }));
  let entries = open(initial);
  return {
    add(rules) {
      entries.push(...open(rules));
    },
    take(asked) {
      const entry = entries.find(
        ({ rule: { match }, left }) => left > 0 && (match === undefined || takes(match, asked)),
      );
      if (entry === undefined) return undefined;
      entry.left -= 1;
      return entry.rule.reply;
    },
    reset() {
      entries = open(initial);
    },
  };
}
