import { describe, expect, it } from 'vitest';
import { appendMember, spliceModel } from './splice.ts';

const splice = (text: string, current: string, replacement: string) =>
  spliceModel(Buffer.from(text), current, replacement)?.toString();

/** A member that makes a body long, which is searched in another way. */
const LONG = `"pad":"${'é'.repeat(20_000)}",`;

describe.each([
  ['short', ''],
  ['long', LONG],
])('spliceModel in a %s body', (_, pad) => {
  const padded = (text: string): string => text.replace('{', `{${pad}`);

  it('replaces the value and keeps every other byte', () => {
    const text = padded('{ "seed": 12345678901234567890,\n "model" : "openai/gpt-4o", "x":"é\\u00e9" }');
    expect(splice(text, 'openai/gpt-4o', 'gpt-4o')).toBe(text.replace('openai/gpt-4o', 'gpt-4o'));
  });

  it('takes names that need escaping', () => {
    expect(splice(padded('{"model":"é"}'), 'é', 'b"cé')).toBe(padded('{"model":"b\\"cé"}'));
  });

  it.each([
    ['a duplicate key', '{"model":"a","model":"b"}', 'b'],
    ['the token as a value elsewhere', '{"model":"a","tools":[{"name":"model"}]}', 'a'],
    ['the token as a nested key', '{"metadata":{"model":"x"},"model":"a"}', 'a'],
    ['a key spelled with escapes beside it', '{"mod\\u0065l":"b","model":"a"}', 'b'],
    ['a key spelled with escapes alone', '{"mod\\u0065l":"a"}', 'a'],
    ['a string that ends in the token', '{"x\\"model":"a"}', 'a'],
    ['a value spelled with escapes', '{"model":"\\u0041"}', 'A'],
    ['no model at all', '{"messages":[]}', 'a'],
    ['bytes that end after the key', '{"model"', 'a'],
  ])('refuses %s', (_why, text, current) => {
    expect(splice(padded(text), current, 'z')).toBeUndefined();
  });
});

describe('appendMember', () => {
  it('adds before the last brace, blanks after it kept', () => {
    expect(appendMember(Buffer.from('{"a":{"b":1}} \n'), '"c":2').toString()).toBe('{"a":{"b":1},"c":2} \n');
  });
});
