import { describe, expect, it } from 'vitest';
import { outputBound, promptTokens } from './prompt-tokens.ts';

const user = (content: unknown) => ({ role: 'user', content });

describe('promptTokens', () => {
  it.each<[string, Record<string, unknown>, number]>([
    ['Hello as the only message', { messages: [user('Hello')] }, 8],
    ['the same as a list of parts', { messages: [user([{ type: 'text', text: 'Hello' }])] }, 8],
    ['the same to the responses endpoint', { input: 'Hello' }, 8],
    ['the same as an item', { input: [{ type: 'message', ...user([{ type: 'input_text', text: 'Hello' }]) }] }, 8],
    ['the same to Google', { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }, 8],
    ['the same to Google, without a role', { contents: [{ parts: [{ text: 'Hello' }] }] }, 8],
    ['two messages', { messages: [user('Hello'), { role: 'user', content: 'Hello' }] }, 13],
    ['an empty message', { messages: [user('')] }, 7],
    ['no messages', { messages: [] }, 0],
    ['a system text', { system: 'Hello', messages: [user('Hello')] }, 14],
    ['a system text in parts', { system: [{ type: 'text', text: 'Hello' }], messages: [user('Hello')] }, 14],
    ['instructions', { instructions: 'Hello', input: 'Hello' }, 14],
    ['a system instruction', { systemInstruction: { parts: [{ text: 'Hello' }] }, contents: [] }, 9],
    ['a tool result, of which only the message counts', { messages: [{ role: 'tool', content: 'x'.repeat(999) }] }, 7],
    ['a tool result among parts', { messages: [user([{ type: 'tool_result', content: 'long' }])] }, 7],
    ['an image', { messages: [user([{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }])] }, 7],
    ['tool definitions', { messages: [user('Hello')], tools: [{ type: 'function', function: { name: 'f' } }] }, 8],
    ['items that are no messages', { input: [{ type: 'function_call_output', call_id: 'c', output: 'x' }] }, 0],
    ['nonsense', { messages: [null, 5, 'x', [], {}], input: 7, contents: { a: 1 }, system: 4 }, 0],
  ])('%s', (_, request, tokens) => {
    expect(promptTokens(request)).toBe(tokens);
  });

  it('does not follow content into the depth', () => {
    let content: unknown = 'x';
    for (let i = 0; i < 100_000; i++) content = { content, parts: { content } };
    expect(promptTokens({ messages: [user(content)] })).toBe(7);
  });
});

describe('outputBound', () => {
  it.each<[Record<string, unknown>, number]>([
    [{}, 0],
    [{ max_tokens: 50 }, 50],
    [{ max_completion_tokens: 60, max_tokens: 50 }, 60],
    [{ max_output_tokens: 70 }, 70],
    [{ max_tokens: 50, n: 3 }, 150],
    [{ generationConfig: { maxOutputTokens: 80, candidateCount: 2 } }, 160],
    [{ max_tokens: -1 }, 0],
    [{ max_tokens: 1.5, n: 2 }, 0],
    [{ max_tokens: null, generationConfig: 7 }, 0],
  ])('%j is %i', (request, bound) => {
    expect(outputBound(request)).toBe(bound);
  });
});
