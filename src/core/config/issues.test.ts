import { describe, expect, it } from 'vitest';
import { NexusError } from '../errors/nexus-error.ts';
import { configError, configIssues, describeValue, formatPath, nearestName } from './issues.ts';

describe('nearestName', () => {
  const known = ['openai', 'anthropic', 'apiKey', 'firstByteTimeout', 'path'];

  it.each([
    ['opnai', 'openai'],
    ['OpenAI', 'openai'],
    ['antropic', 'anthropic'],
    ['api_key', 'apiKey'],
    ['apikey', 'apiKey'],
    ['first-byte-timeout', 'firstByteTimeout'],
    ['paht', 'path'],
  ])('%s is near %s', (name, nearest) => {
    expect(nearestName(name, known)).toBe(nearest);
  });

  it.each(['mcp', 'x', '', 'completely different', 'openai'.repeat(1000)])('%s is near nothing', (name) => {
    expect(nearestName(name, known)).toBeUndefined();
  });
});

describe('formatPath', () => {
  it.each([
    [[], ''],
    [['llm', 'providers', 'my-openai', 'models', 'gpt-4.1'], 'llm.providers.my-openai.models."gpt-4.1"'],
    [['rules', 0, 'reply'], 'rules[0].reply'],
    [['a"b\nc'], '"a\\"b\\nc"'],
    [[''], '""'],
  ])('%j is %s', (segments, text) => {
    expect(formatPath(segments)).toBe(text);
  });

  it('clips absurd names', () => {
    expect(formatPath(['a'.repeat(1e6)]).length).toBeLessThan(100);
  });
});

describe('describeValue', () => {
  it.each([
    ['yes', '"yes"'],
    [7, '7'],
    [true, 'true'],
    [null, 'null'],
    [[1], 'a list'],
    [{}, 'a table'],
    [new Date(0), 'a date'],
    ['x'.repeat(40), 'a text of 40 characters'],
    ['sk-short', 'a text of 8 characters'],
    ['https://user:pass@host/', '"https://[redacted]@host/"'],
  ])('%j is %s', (value, text) => {
    expect(describeValue(value)).toBe(text);
  });
});

describe('configIssues', () => {
  it('gives back the issues of an error', () => {
    const issues = [{ path: 'a', message: 'is wrong' }];
    const error = configError(issues, 'nexus.toml');
    expect(error.message).toBe('nexus.toml has one problem:\n  a: is wrong');
    expect(configIssues(error)).toEqual(issues);
  });

  it.each([new Error('x'), new NexusError('internal', 'x', { details: [1] }), undefined, 'x'])(
    'finds none in %s',
    (error) => {
      expect(configIssues(error)).toEqual([]);
    },
  );
});
