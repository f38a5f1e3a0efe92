import { describe, expect, it } from 'vitest';
import { PriceBook } from './price-book.ts';
import { priceKeys } from './price-keys.ts';
import { PriceList } from './price-list.ts';
import { parseRow, writeRow } from './price-row.ts';
import { SHIPPED_PRICES } from './shipped-prices.ts';

const shipped = PriceList.ofText(SHIPPED_PRICES);
const find = (kind: string, model: string, region?: string) => shipped.find(priceKeys(kind, model, region))?.id;

describe('the list of the package', () => {
  it('says of what day it is, and has the models', () => {
    expect(shipped.asOf).toMatch(/^20\d{2}-\d{2}-\d{2}$/);
    expect([...shipped.ids].length).toBeGreaterThan(2000);
  });

  it('prices every model it has, and writes every row as it read it', () => {
    const usage = {
      input: 1_234_567,
      output: 89,
      cacheRead: 10,
      cacheWrite: 20,
      cacheWrite1h: 5,
      reasoning: 7,
      searches: 1,
    };
    let priced = 0;
    for (const id of shipped.ids) {
      const row = shipped.row(id);
      if (row === undefined) throw new Error(id);
      expect(parseRow(writeRow(row))).toEqual(row);
      const book = new PriceBook([{ name: 'shipped', list: shipped }]);
      const cost = book.price(id, () => ({ kind: 'none', model: id, priceAs: id }))?.costOf(usage);
      if (cost === undefined) continue;
      priced += 1;
      expect(Number.isSafeInteger(cost.nanoUsd), id).toBe(true);
      expect(cost.nanoUsd, id).toBeGreaterThan(0);
    }
    expect(priced).toBeGreaterThan(2000);
  });
});

describe('the look-up', () => {
  it.each([
    ['openai', 'gpt-4o', 'gpt-4o'],
    ['openai', 'gpt-4o-mini', 'gpt-4o-mini'],
    ['openai', 'gpt-4o-2031-01-31', 'gpt-4o'],
    ['openai', 'gpt-4o-mini-2031-01-31', 'gpt-4o-mini'],
    ['openai', 'ft:gpt-4o-2024-08-06:acme::abc', 'ft:gpt-4o-2024-08-06'],
    ['anthropic', 'claude-sonnet-4-5-20250929', 'claude-sonnet-4-5-20250929'],
    ['anthropic', 'claude-opus-4-5-20310131', 'claude-opus-4-5'],
    ['google', 'gemini-2.5-pro', 'gemini/gemini-2.5-pro'],
    ['google', 'models/gemini-2.5-pro', 'gemini/gemini-2.5-pro'],
    ['azure', 'gpt-4o-2024-11-20', 'azure/gpt-4o-2024-11-20'],
    ['groq', 'llama-3.3-70b-versatile', 'groq/llama-3.3-70b-versatile'],
    ['deepseek', 'deepseek-chat', 'deepseek/deepseek-chat'],
    ['cohere', 'command-r-08-2024', 'command-r-08-2024'],
    ['fireworks', 'accounts/fireworks/models/deepseek-v3', 'fireworks_ai/accounts/fireworks/models/deepseek-v3'],
    ['bedrock', 'us.amazon.nova-pro-v1:0', 'us.amazon.nova-pro-v1:0'],
    ['bedrock', 'jp.amazon.nova-pro-v1:0', 'amazon.nova-pro-v1:0'],
    ['openai', 'text-embedding-3-small', 'text-embedding-3-small'],
  ])('%s %s is %s', (kind, model, id) => {
    expect(find(kind, model)).toBe(id);
  });

  it('prefers the row of the region', () => {
    expect(find('bedrock', 'deepseek.v3.2', 'ap-south-1')).toBe('bedrock/ap-south-1/deepseek.v3.2');
    expect(find('bedrock', 'deepseek.v3.2', 'mars-1')).toBe('deepseek.v3.2');
  });

  it.each([
    ['openai', 'gpt-4o-maxi', 'no part of a name'],
    ['openai', 'gpt-4', 'gpt-4 is itself', 'gpt-4'],
    ['openai', 'gpt', 'a beginning'],
    ['openai', 'my-gpt-4o', 'an end'],
    ['openai', 'GPT-4O', 'another spelling'],
    ['openai', 'claude-sonnet-4-5-20250929', "another biller's"],
    ['openai', 'gemini/gemini-2.5-pro', "another biller's, prefixed"],
    ['google', 'gemini-2.0-flash-001-x', 'a longer name'],
    ['deepseek', 'gpt-4o', "another vendor's"],
    ['groq', 'gpt-4o', "another vendor's"],
    ['acme', 'gpt-4o', 'an unknown kind'],
    ['openai', '', 'nothing'],
    ['openai', '__proto__', 'a name of the language'],
    ['openai', 'gpt-4o 2024', 'a blank'],
  ])('%s %s: %s', (kind, model, _why, id?: string) => {
    expect(find(kind, model)).toBe(id);
  });

  it('takes zeros for no price, but on one’s own machines', () => {
    const list = PriceList.ofText('ollama/free ollama input=0 output=0\ngroq/free groq input=0 output=0\n');
    expect(list.find(priceKeys('ollama', 'free'))?.id).toBe('ollama/free');
    expect(list.find(priceKeys('groq', 'free'))).toBeUndefined();
  });
});

describe('the order of the lists', () => {
  const row = (input: number, litellm_provider = 'openai') => ({ litellm_provider, input_cost_per_token: input });
  const file = PriceList.ofLiteLlm({ 'gpt-4o': row(1e-6), 'house/model': row(9e-6, 'house') }, '2026-11-01');
  const other = PriceList.ofLiteLlm({ 'gpt-4o': row(2e-6), 'gpt-5': row(3e-6) });
  if (file === undefined || other === undefined) throw new Error('no list');
  const book = () =>
    new PriceBook([
      { name: 'file', list: file },
      { name: 'shipped', list: other },
    ]);
  const usage = { input: 1000, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 };

  it('is configuration, file, package', () => {
    const own = { id: 'a/b', biller: 'a/b', rates: new Map([['input', '5']]), ranges: [] };
    const price = (model: string, more: object = {}) =>
      book()
        .price(model, () => ({ kind: 'openai', model, ...more }))
        ?.costOf(usage);
    expect(price('gpt-4o', { own })).toMatchObject({ source: 'config', row: 'a/b', nanoUsd: 5_000_000 });
    expect(price('gpt-4o')).toMatchObject({ source: 'file', asOf: '2026-11-01', nanoUsd: 1_000_000 });
    expect(price('gpt-5')).toMatchObject({ source: 'shipped', asOf: undefined, nanoUsd: 3_000_000 });
    expect(price('gpt-6')).toBeUndefined();
    expect(price('gpt-6', { priceAs: 'house/model' })).toMatchObject({ row: 'house/model', nanoUsd: 9_000_000 });
    expect(price('gpt-4o', { priceAs: 'no-such-row' })).toBeUndefined();
  });

  it('is free only where the configuration says so', () => {
    const own = {
      id: 'a/b',
      biller: 'a/b',
      rates: new Map([
        ['input', '0'],
        ['output', '0'],
      ]),
      ranges: [],
    };
    expect(
      book()
        .price('x', () => ({ kind: 'openai', model: 'x', own }))
        ?.costOf(usage).nanoUsd,
    ).toBe(0);
  });

  it('remembers what it found, also nothing, for a bounded number of models', () => {
    const one = book();
    let asked = 0;
    const model = () => {
      asked += 1;
      return { kind: 'openai', model: 'nobody' };
    };
    for (let i = 0; i < 3; i++) one.price('key', model);
    expect(asked).toBe(1);
    for (let i = 0; i < 2000; i++) one.price(`other ${i}`, model);
    one.price('key', model);
    expect(asked).toBe(2002);
  });

  it.each([[null], [[]], ['text'], [{}], [{ 'gpt-4o': null }], [{ 'gpt-4o': { litellm_provider: 'openai' } }]])(
    'has no use for the file %j',
    (content) => {
      expect(PriceList.ofLiteLlm(content)).toBeUndefined();
    },
  );

  it('leaves out of a file what is no price', () => {
    const odd = {
      litellm_provider: 'openai',
      input_cost_per_token: -1,
      output_cost_per_token: '3',
      cache_read_input_token_cost: 1e-6,
    };
    expect([...(PriceList.ofLiteLlm({ odd })?.row('odd')?.rates ?? [])]).toEqual([['cacheRead', '1']]);
  });
});
