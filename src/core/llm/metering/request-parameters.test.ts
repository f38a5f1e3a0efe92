import { describe, expect, it } from 'vitest';
import { requestParameters } from './request-parameters.ts';

describe('requestParameters', () => {
  it.each([
    ['chat', { max_tokens: 5, temperature: 0.5, tools: [{ type: 'function' }] }, [5, 0.5, 1]],
    ['chat, newer', { max_completion_tokens: 6, max_tokens: 5 }, [6, undefined, 0]],
    ['responses', { max_output_tokens: 7, temperature: 0 }, [7, 0, 0]],
    [
      'google',
      {
        generationConfig: { maxOutputTokens: 8, temperature: 1 },
        tools: [{ functionDeclarations: [{}, {}] }, { googleSearch: {} }],
      },
      [8, 1, 3],
    ],
    ['nothing', {}, [undefined, undefined, 0]],
    [
      'nonsense',
      { max_tokens: 'many', temperature: Number.NaN, tools: 'all', generationConfig: [] },
      [undefined, undefined, 0],
    ],
  ])('reads %s', (_, request, [maxTokens, temperature, count]) => {
    expect(requestParameters(request)).toEqual({ maxTokens, temperature, toolCount: count });
  });
});
