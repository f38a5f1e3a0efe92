import { describe, expect, it } from 'vitest';
import { judgeConfig, parseConfig } from './parse.ts';

const withModel = (model: object, prices: object = {}) => ({
  llm: { prices, providers: { p: { type: 'openai', models: { m: model } } } },
});
const problems = (model: object, prices?: object): string[] =>
  judgeConfig(withModel(model, prices), 'toml').issues.map(({ path, message }) => `${path}: ${message}`);

describe('prices in the configuration', () => {
  it('are decimals, in either spelling', () => {
    const { config } = parseConfig(
      withModel({ price: { input: 2.5, cache_write_hour: 1e-7, cacheRead: 0 } }, { file: 'prices.json' }),
    );
    expect(config.llm.providers['p']?.models['m']?.price).toEqual({
      input: '2.5',
      cacheWrite1h: '1e-7',
      cacheRead: '0',
    });
    expect(config.llm.prices.file).toBe('prices.json');
    expect(parseConfig(withModel({ priceAs: 'groq/x' })).config.llm.providers['p']?.models['m']?.priceAs).toBe(
      'groq/x',
    );
  });

  it('above a dollar per thousand tokens want to be confirmed', () => {
    expect(problems({ price: { input: 1000 } })).toEqual([]);
    const [problem = ''] = problems({ price: { input: 1000.5 } });
    expect(problem).toContain('llm.providers.p.models.m.price.input: is more than $1 per thousand tokens');
    expect(problem).toContain('confirm_price');
    expect(problems({ price: { input: 1000.5, confirm_price: true } })).toEqual([]);
    // A whole request may cost more.
    expect(problems({ price: { request: 5 } })).toEqual([]);
  });

  it.each([
    [{ price: {} }, 'at least one price'],
    [{ price: { confirm_price: true } }, 'at least one price'],
    [{ price: { input: -1 } }, 'price.input'],
    [{ price: { input: '2.5' } }, 'price.input'],
    [{ price: { input: 1e-13 } }, '12 decimals'],
    [{ price: { input: Number.POSITIVE_INFINITY } }, 'price.input'],
    [{ price: { inputs: 1 } }, 'input'],
    [{ price: { input: 1 }, price_as: 'x' }, 'exclude each other'],
    [{ price_as: '' }, 'price_as'],
  ])('%j is refused', (model, words) => {
    expect(problems(model).join()).toContain(words);
  });
});
