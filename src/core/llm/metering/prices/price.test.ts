import { describe, expect, it } from 'vitest';
import type { Usage } from '../../../exchange/usage.ts';
import { rowOfLiteLlm } from './litellm.ts';
import { Price } from './price.ts';

/** Independent of the code under test: a price per token as decimal text, and a count → units of 10^-30 dollars. */
function exact(perToken: string, count: number): bigint {
  const [, whole = '0', fraction = '', exponent = '0'] = /^(\d+)(?:\.(\d+))?(?:e(-?\d+))?$/.exec(perToken) ?? [];
  const places = 30 - fraction.length + Number(exponent);
  return BigInt(whole + fraction) * 10n ** BigInt(places) * BigInt(count);
}

function nanos(...amounts: bigint[]): number {
  const nano = 10n ** 21n;
  const total = amounts.reduce((sum, amount) => sum + amount, 0n);
  return Number(total / nano + (total % nano === 0n ? 0n : 1n));
}

const NONE: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 };

function costOf(fields: Record<string, unknown>, usage: Partial<Usage>) {
  const row = rowOfLiteLlm('m', { litellm_provider: 'x', ...fields });
  if (row === undefined) throw new Error('no row');
  return new Price(row, 'shipped', '2026-08-06').costOf({ ...NONE, ...usage });
}

const CLAUDE = {
  input_cost_per_token: 0.000003,
  input_cost_per_token_above_200k_tokens: 0.000006,
  output_cost_per_token: 0.000015,
  output_cost_per_token_above_200k_tokens: 0.0000225,
  cache_read_input_token_cost: 3e-7,
  cache_read_input_token_cost_above_200k_tokens: 6e-7,
  cache_creation_input_token_cost: 0.00000375,
  cache_creation_input_token_cost_above_200k_tokens: 0.0000075,
  cache_creation_input_token_cost_above_1hr: 0.000006,
  cache_creation_input_token_cost_above_1hr_above_200k_tokens: 0.000012,
};

describe('a cost', () => {
  it('is each kind of token at its own price', () => {
    const usage = { input: 10_000, cacheRead: 4_000, cacheWrite: 3_000, cacheWrite1h: 1_000, output: 777 };
    const cost = costOf(CLAUDE, usage);
    expect(cost.nanoUsd).toBe(
      nanos(
        exact('0.000003', 3_000),
        exact('3e-7', 4_000),
        exact('0.00000375', 2_000),
        exact('0.000006', 1_000),
        exact('0.000015', 777),
      ),
    );
    expect(cost).toMatchObject({ source: 'shipped', row: 'm', asOf: '2026-08-06', unpriced: [] });
    expect(cost.rates).toEqual({ input: '3', cacheRead: '0.3', cacheWrite: '3.75', cacheWrite1h: '6', output: '15' });
  });

  it('is wholly at the higher rates above a length, and not at it', () => {
    const parts = { cacheRead: 100_000, cacheWrite: 60_000, cacheWrite1h: 10_000, output: 33 };
    expect(costOf(CLAUDE, { ...parts, input: 200_001 }).nanoUsd).toBe(
      nanos(
        exact('0.000006', 40_001),
        exact('6e-7', 100_000),
        exact('0.0000075', 50_000),
        exact('0.000012', 10_000),
        exact('0.0000225', 33),
      ),
    );
    expect(costOf(CLAUDE, { input: 200_000 }).nanoUsd).toBe(nanos(exact('0.000003', 200_000)));
    expect(costOf(CLAUDE, { input: 200_001 }).rates).toEqual({ 'input>200000': '6' });
  });

  it('takes the highest of several lengths that is passed', () => {
    const fields = {
      input_cost_per_token: 1e-6,
      input_cost_per_token_above_128k_tokens: 2e-6,
      input_cost_per_token_above_512k_tokens: 5e-6,
    };
    expect(costOf(fields, { input: 128_001 }).nanoUsd).toBe(nanos(exact('2e-6', 128_001)));
    expect(costOf(fields, { input: 512_001 }).nanoUsd).toBe(nanos(exact('5e-6', 512_001)));
  });

  it('goes by the class of service, and by both where the list has both', () => {
    const fields = {
      input_cost_per_token: 0.0000025,
      input_cost_per_token_priority: 0.000005,
      input_cost_per_token_flex: 0.00000125,
      input_cost_per_token_batches: 0.0000013,
      input_cost_per_token_above_272k_tokens: 0.000004,
      input_cost_per_token_above_272k_tokens_priority: 0.00001,
    };
    const at = (input: number, serviceTier?: Usage['serviceTier']) => costOf(fields, { input, serviceTier }).nanoUsd;
    expect(at(1_001, 'priority')).toBe(nanos(exact('0.000005', 1_001)));
    expect(at(1_001, 'flex')).toBe(nanos(exact('0.00000125', 1_001)));
    expect(at(1_001, 'batch')).toBe(nanos(exact('0.0000013', 1_001)));
    expect(at(1_001)).toBe(nanos(exact('0.0000025', 1_001)));
    expect(at(300_000, 'priority')).toBe(nanos(exact('0.00001', 300_000)));
    // No price for a long flex request: never cheaper than what is known.
    expect(at(300_000, 'flex')).toBe(nanos(exact('0.000004', 300_000)));
  });

  it('follows ranges by their own bounds', () => {
    const range = (from: number, to: number, input: number, output: number, reasoning: number) => ({
      range: [from, to],
      input_cost_per_token: input,
      output_cost_per_token: output,
      output_cost_per_reasoning_token: reasoning,
    });
    const fields = {
      tiered_pricing: [range(0, 256_000, 4e-7, 1.2e-6, 4e-6), range(256_000, 1e6, 1.2e-6, 3.6e-6, 1.2e-5)],
    };
    const at = (input: number) => costOf(fields, { input, output: 100, reasoning: 30 }).nanoUsd;
    expect(at(256_000)).toBe(nanos(exact('4e-7', 256_000), exact('1.2e-6', 70), exact('4e-6', 30)));
    expect(at(256_001)).toBe(nanos(exact('1.2e-6', 256_001), exact('3.6e-6', 70), exact('1.2e-5', 30)));
    expect(at(2_000_000)).toBe(nanos(exact('1.2e-6', 2_000_000), exact('3.6e-6', 70), exact('1.2e-5', 30)));
  });

  it('prices sound, requests and searches, and says what has no price', () => {
    const fields = {
      input_cost_per_token: 1e-7,
      output_cost_per_token: 4e-7,
      input_cost_per_audio_token: 7e-7,
      output_cost_per_audio_token: 0.00008,
      input_cost_per_request: 0.005,
      search_context_cost_per_query: { search_context_size_low: 0.01, search_context_size_medium: 0.012 },
    };
    const usage = { input: 50, audioInput: 20, output: 9, audioOutput: 4, searches: 3 };
    expect(costOf(fields, usage).nanoUsd).toBe(
      nanos(
        exact('1e-7', 30),
        exact('7e-7', 20),
        exact('4e-7', 5),
        exact('0.00008', 4),
        exact('0.005', 1),
        exact('0.012', 3),
      ),
    );
    expect(costOf({ input_cost_per_token: 1e-7 }, { ...usage, reasoning: 1 }).unpriced).toEqual([
      'output',
      'reasoning',
      'audioOutput',
      'search',
    ]);
  });

  it('rounds up once, and loses nothing below a nano-dollar', () => {
    const fields = { input_cost_per_token: 2.8e-9, output_cost_per_token: 1e-12, cache_read_input_token_cost: 1e-13 };
    expect(costOf(fields, { input: 1 }).nanoUsd).toBe(3);
    expect(costOf(fields, { input: 5 }).nanoUsd).toBe(14);
    expect(costOf(fields, { input: 2, cacheRead: 1, output: 1 }).nanoUsd).toBe(3);
    expect(costOf(fields, NONE).nanoUsd).toBe(0);
    // 0.1 + 0.2, as money.
    const thirds = { input_cost_per_token: 0.1, output_cost_per_token: 0.2 };
    expect(costOf(thirds, { input: 1, output: 1 }).nanoUsd).toBe(300_000_000);
  });

  it('makes parts that do not fit their whole harmless, and stays a safe integer', () => {
    const absurd = {
      input: 10,
      cacheRead: 50,
      cacheWrite: 50,
      cacheWrite1h: 99,
      audioInput: 70,
      output: 3,
      reasoning: 9,
    };
    expect(costOf(CLAUDE, absurd).nanoUsd).toBe(nanos(exact('3e-7', 10), exact('0.000015', 3)));
    expect(costOf({ input_cost_per_token: 1e6 }, { input: 1e9 }).nanoUsd).toBe(Number.MAX_SAFE_INTEGER);
  });
});
