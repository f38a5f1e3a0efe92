import { describe, expect, expectTypeOf, it } from 'vitest';
import type * as z from 'zod';
import { demoSchema, type FAKE_FAULTS, type fakeRuleSchema } from '../core/config/schema/demo.ts';
import type { FakeFault, FakeRule } from './index.ts';
import { readAnthropicQuestion, readOpenAIQuestion } from './question.ts';
import { createRulebook, matchesGlob } from './rulebook.ts';

describe('matchesGlob', () => {
  it.each([
    ['gpt-5', 'gpt-5', true],
    ['gpt-5', 'gpt-5-mini', false],
    ['*', '', true],
    ['gpt-*', 'gpt-', true],
    ['*-mini', 'gpt-5-mini', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['ab*ba', 'aba', false],
    ['a*a', 'a', false],
    ['*x*', 'yyy', false],
    ['a.c', 'abc', false],
    ['**', 'anything', true],
  ])('%s and %s: %s', (pattern, text, expected) => {
    expect(matchesGlob(pattern, text)).toBe(expected);
  });

  it('stays linear where backtracking would not', () => {
    expect(matchesGlob(`${'*a'.repeat(5_000)}*b`, 'a'.repeat(200_000))).toBe(false);
  });
});

describe('questions', () => {
  it('find the last user text and the tool results of the last turn', () => {
    const openai = readOpenAIQuestion({
      model: 'm',
      messages: [
        {
          role: 'user',
          content: [{ type: 'text', text: 'one ' }, { type: 'image_url' }, { type: 'text', text: 'two' }],
        },
        { role: 'assistant', content: null, tool_calls: [{ id: 'a' }, { id: 'b' }] },
        { role: 'tool', tool_call_id: 'a', content: 'first' },
        { role: 'tool', tool_call_id: 'b', content: 'second' },
      ],
    });
    expect(openai).toMatchObject({ prompt: 'one two', toolResult: 'first\nsecond', stream: false, choices: 1 });
    const anthropic = readAnthropicQuestion({
      model: 'm',
      max_tokens: 5,
      messages: [
        { role: 'user', content: 'asked' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a' }] },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'got' }] }],
        },
      ],
    });
    expect(anthropic).toMatchObject({ prompt: 'asked', toolResult: 'got', maxTokens: 5, includeUsage: true });
  });

  it('survive members they do not understand', () => {
    const odd = { model: 7, messages: [null, 3, { role: 'user', content: 5 }], tools: 'x', tool_choice: [], n: 'many' };
    expect(readOpenAIQuestion(odd)).toMatchObject({ prompt: '', tools: [], toolChoice: 'auto', choices: 1 });
    expect(readAnthropicQuestion(odd)).toMatchObject({ prompt: '', tools: [], toolChoice: 'auto' });
  });
});

describe('rulebook', () => {
  const question = readOpenAIQuestion({
    model: 'gpt-5',
    stream: true,
    messages: [{ role: 'user', content: 'Hello World' }],
    tools: [{ type: 'function', function: { name: 'f' } }],
  });

  it.each([
    [{}, true],
    [{ protocol: 'openai' }, true],
    [{ protocol: 'anthropic' }, false],
    [{ prompt: 'hello w' }, true],
    [{ prompt: 'bye' }, false],
    [{ stream: true, hasTools: true, hasToolResult: false }, true],
    [{ stream: false }, false],
    [{ hasTools: false }, false],
    [{ hasToolResult: true }, false],
    [{ model: 'gpt-*', stream: undefined }, true],
  ] as const)('%j matches: %s', (match, expected) => {
    const found = createRulebook([{ match, reply: { text: 'x' } }]).take(question);
    expect(found !== undefined).toBe(expected);
  });

  it('counts uses, takes rules in order, and starts over', () => {
    const rulebook = createRulebook([{ times: 2, reply: { text: 'a' } }]);
    rulebook.add([{ times: 1, reply: { text: 'b' } }]);
    const take = () => rulebook.take(question)?.text;
    expect([take(), take(), take(), take()]).toEqual(['a', 'a', 'b', undefined]);
    rulebook.reset();
    expect([take(), take(), take()]).toEqual(['a', 'a', undefined]);
  });
});

describe('the demo schema', () => {
  it('takes the same rules as the testing kit', () => {
    expectTypeOf<z.input<ReturnType<typeof fakeRuleSchema>>>().toExtend<FakeRule>();
    expectTypeOf<FakeRule>().toExtend<z.input<ReturnType<typeof fakeRuleSchema>>>();
    expectTypeOf<z.output<ReturnType<typeof fakeRuleSchema>>>().toExtend<FakeRule>();
    expectTypeOf<(typeof FAKE_FAULTS)[number]>().toEqualTypeOf<FakeFault>();
  });

  it('fills in its defaults', () => {
    expect(demoSchema().parse({})).toEqual({ enabled: true, rules: [] });
  });

  it.each([
    ['an unknown member', { rules: [{ reply: { txt: 'x' } }] }],
    ['an unknown fault', { rules: [{ reply: { fault: 'explode' } }] }],
    ['a rule without a reply', { rules: [{ match: {} }] }],
    ['a negative delay', { rules: [{ reply: { delay: -1 } }] }],
    ['zero uses', { rules: [{ times: 0, reply: {} }] }],
    ['a success as an error', { rules: [{ reply: { error: { status: 200, message: 'x' } } }] }],
    ['chunks of nothing', { rules: [{ reply: { chunkSize: 0 } }] }],
  ])('refuses %s', (_, value) => {
    expect(demoSchema().safeParse(value).success).toBe(false);
  });
});
