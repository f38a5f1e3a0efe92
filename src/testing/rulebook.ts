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

export interface Rulebook {
  add(rules: readonly FakeRule[]): void;
  /** The reply of the first rule that matches and is not used up; this use counts. */
  take(question: Question): FakeReply | undefined;
  /** Back to the rules of the beginning, all unused. */
  reset(): void;
}

export function createRulebook(initial: readonly FakeRule[]): Rulebook {
  const open = (rules: readonly FakeRule[]) =>
    rules.map((rule) => ({ rule, left: rule.times ?? Number.POSITIVE_INFINITY }));
  let entries = open(initial);
  return {
    add(rules) {
      entries.push(...open(rules));
    },
    take(question) {
      const entry = entries.find(({ rule, left }) => left > 0 && matches(rule.match ?? {}, question));
      if (entry === undefined) return undefined;
      entry.left -= 1;
      return entry.rule.reply;
    },
    reset() {
      entries = open(initial);
    },
  };
}
