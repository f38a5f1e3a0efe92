import { describe, expect, it } from 'vitest';
import { lastUserText } from './last-user-text.ts';

const LONG = 1000;

describe('lastUserText', () => {
  it.each([
    [
      'chat completions',
      {
        messages: [
          { role: 'user', content: 'first' },
          { role: 'user', content: 'last' },
          { role: 'assistant', content: 'no' },
        ],
      },
    ],
    [
      'chat completions in parts',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image_url', image_url: {} },
              { type: 'text', text: 'last' },
            ],
          },
        ],
      },
    ],
    ['responses, a text', { input: 'last' }],
    [
      'responses, items',
      {
        input: [
          { role: 'user', content: [{ type: 'input_text', text: 'last' }] },
          { type: 'function_call_output', output: 'no' },
        ],
      },
    ],
    [
      'messages with the result of a tool behind it',
      {
        system: 'no',
        messages: [
          { role: 'user', content: 'last' },
          { role: 'user', content: [{ type: 'tool_result', content: 'no' }] },
        ],
      },
    ],
    ['generateContent', { contents: [{ parts: [{ text: 'last' }] }, { role: 'model', parts: [{ text: 'no' }] }] }],
  ])('is found in %s', (_, request) => {
    expect(lastUserText(request, LONG)).toBe('last');
  });

  it.each([{}, { messages: 'x' }, { messages: [null, 1, { role: 'user' }, { role: 'user', content: [7, null] }] }])(
    'is empty where there is none: %j',
    (request) => {
      expect(lastUserText(request, LONG)).toBe('');
    },
  );

  it('keeps the beginning and the end of a long one', () => {
    const text = lastUserText({ input: `begin ${'x'.repeat(5000)} end` }, LONG);
    expect(text.length).toBe(LONG);
    expect(text).toMatch(/^begin x.* end$/s);
  });
});
