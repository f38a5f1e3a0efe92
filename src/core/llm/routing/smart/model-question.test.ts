import { describe, expect, it } from 'vitest';
import { namedIn } from './model-question.ts';

const names = ['p/a', 'q/b.1'];
const saying = (content: unknown) => ({ choices: [{ message: { content } }] });

describe('namedIn', () => {
  it.each([['p/a'], [' p/a\n'], ['"p/a"'], ['`p/a`.'], ['**p/a**']])('reads %j', (content) => {
    expect(namedIn(saying(content), names)).toBe('p/a');
  });

  it.each([['p/a because it is cheap'], ['p/c'], ['P/A'], [''], [null], [[{ type: 'text', text: 'p/a' }]]])(
    'takes %j for no name on offer',
    (content) => {
      expect(namedIn(saying(content), names)).toBeUndefined();
    },
  );

  it.each([undefined, null, 'p/a', {}, { choices: [] }, { choices: [null] }, { choices: [{}] }])(
    'takes %j for no answer',
    (answer) => {
      expect(namedIn(answer, names)).toBeUndefined();
    },
  );
});
