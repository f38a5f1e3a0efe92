import { describe, expect, it } from 'vitest';
import { readChunkUsage, readUsage, writeUsage } from './usage.ts';

describe('readUsage', () => {
  it('reads all counts', () => {
    const usage = readUsage({
      prompt_tokens: 100,
      completion_tokens: 20,
      total_tokens: 120,
      prompt_tokens_details: { cached_tokens: 64, cache_write_tokens: 10 },
      completion_tokens_details: { reasoning_tokens: 12 },
    });
    expect(usage).toEqual({ input: 100, output: 20, cacheRead: 64, cacheWrite: 10, reasoning: 12 });
    expect(usage && readUsage(JSON.parse(writeUsage(usage)))).toEqual(usage);
  });

  it.each([
    [{ prompt_tokens: 9, completion_tokens: 1, prompt_cache_hit_tokens: 5, prompt_cache_miss_tokens: 4 }, 5],
    [{ prompt_tokens: 9, completion_tokens: 1, num_cached_tokens: 6 }, 6],
    [{ prompt_tokens: 9, completion_tokens: 1, cached_tokens: 7 }, 7],
    [{ prompt_tokens: 9, completion_tokens: 1, prompt_tokens_details: null, num_cached_tokens: 6 }, 6],
    [{ prompt_tokens: 9, completion_tokens: 1 }, 0],
    [{ prompt_tokens: 9, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 50 } }, 9],
  ])('finds the cached share of %j', (usage, cacheRead) => {
    expect(readUsage(usage)?.cacheRead).toBe(cacheRead);
  });

  it.each([[undefined], [null], ['x'], [3], [[]], [{}], [{ total_tokens: 4 }], [{ prompt_tokens: '4' }]])(
    'has no counts: %j',
    (usage) => {
      expect(readUsage(usage)).toBeUndefined();
    },
  );

  it('makes absurd counts harmless', () => {
    const usage = readUsage({
      prompt_tokens: 1e308,
      completion_tokens: -5,
      prompt_tokens_details: { cached_tokens: -1 },
      completion_tokens_details: { reasoning_tokens: '9' },
    });
    expect(usage).toEqual({ input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 });
    expect(readUsage({ prompt_tokens: 3, completion_tokens: Number.NaN })?.output).toBe(0);
  });
});

describe('readChunkUsage', () => {
  const usage = { prompt_tokens: 3, completion_tokens: 1 };
  it.each([
    ['its own', { choices: [], usage, service_tier: 'flex' }],
    ["Groq's", { choices: [], x_groq: { usage }, service_tier: 'flex' }],
    ["its choice's", { choices: [{ index: 0, finish_reason: 'stop', usage }], service_tier: 'flex' }],
  ])('finds %s', (_, chunk) => {
    expect(readChunkUsage(chunk)).toMatchObject({ input: 3, output: 1, serviceTier: 'flex' });
  });

  it.each([[{}], [{ choices: [{ index: 0 }] }], [{ choices: [null] }], [{ choices: 'x', x_groq: 1, usage: null }]])(
    'finds none in %j',
    (chunk) => {
      expect(readChunkUsage(chunk)).toBeUndefined();
    },
  );
});
