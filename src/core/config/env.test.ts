import { describe, expect, it } from 'vitest';
import { expandDocument, expandEnv } from './env.ts';
import { formatIssue } from './issues.ts';

const env = { A: 'one', B: 'two', EMPTY: '', RECURSIVE: '{{ env.A }}', MONEY: '$& $1', constructor: undefined };

describe('expandEnv', () => {
  it.each([
    ['{{ env.A }}', 'one'],
    ['{{env.A}}', 'one'],
    ['{{  env.A   }}', 'one'],
    ['{{env.A}}{{ env.B }}', 'onetwo'],
    ['{{env.A}}-{{ env.B }}!', 'one-two!'],
    ['{{ env.EMPTY }}', ''],
    ['{{ env.RECURSIVE }}', '{{ env.A }}'],
    ['{{ env.MONEY }}', '$& $1'],
    ['{{ env.NONE | "text" }}', 'text'],
    ['{{env.NONE|""}}', ''],
    ['{{ env.NONE | "a }} b" }}', 'a }} b'],
    ['{{ env.A | "text" }}', 'one'],
    ['{{ env.EMPTY | "text" }}', ''],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what a shell user would try
    ['${A}', '${A}'],
    ['{{ env.MY-VAR }}', '{{ env.MY-VAR }}'],
    ['{ env.A }', '{ env.A }'],
    ['{{ env.A | text }}', '{{ env.A | text }}'],
    ['{{ }}', '{{ }}'],
    ['{{{ env.A }}}', '{one}'],
  ])('%j becomes %j', (text, expected) => {
    expect(expandEnv(text, env)).toBe(expected);
  });

  it('reaches every string, and no key', () => {
    const date = new Date(0);
    const document = { '{{ env.A }}': { list: ['{{ env.B }}', { deep: '{{ env.A }}' }], n: 1, b: true, date } };
    expect(expandEnv(document, env)).toEqual({
      '{{ env.A }}': { list: ['two', { deep: 'one' }], n: 1, b: true, date },
    });
  });

  it('reports all that is wrong, with paths', () => {
    const { issues } = expandDocument(
      {
        llm: { providers: { x: { api_key: '{{ env.NONE }}{{ env.ALSO_NONE }}' } } },
        open: ['{{ env.A', 'x{{env.A }{{ env.B}', '{{ env.A }} {{ env.', 'a {{ for a model', '}} {{ env.A }}'],
        list: ['ok', '{{ meow.FOO }}', '{{ env.A.B }}', '{{ A }}', '{{ env.constructor }}', '{{ env.toString }}'],
      },
      env,
    );
    expect(issues.map(formatIssue)).toEqual([
      'llm.providers.x.api_key: environment variable NONE is not set',
      'llm.providers.x.api_key: environment variable ALSO_NONE is not set',
      'open[0]: has an {{ env. that no }} closes',
      'open[1]: has an {{ env. that no }} closes',
      'open[2]: has an {{ env. that no }} closes',
      'list[1]: only env. variables are supported, found "meow.FOO"',
      'list[2]: only env. variables are supported, found "env.A.B"',
      'list[3]: only env. variables are supported, found "A"',
      'list[4]: environment variable constructor is not set',
      'list[5]: environment variable toString is not set',
    ]);
  });

  it('throws one error for all of them', () => {
    expect(() => expandEnv({ a: '{{ env.X }}', b: '{{ env.Y }}' }, {})).toThrow(
      'The configuration has 2 problems:\n  a: environment variable X is not set\n  b: environment variable Y is not set',
    );
  });

  it('keeps a key named __proto__ a key', () => {
    const expanded = expandEnv(JSON.parse('{"__proto__": {"a": "{{ env.A }}"}}'), env);
    expect(JSON.stringify(expanded)).toBe('{"__proto__":{"a":"one"}}');
    expect(Reflect.get({}, 'a')).toBeUndefined();
  });

  it('reads hostile text in linear time', () => {
    const text = `${'{{a|"'.repeat(50_000)}${'{{ '.repeat(50_000)}`;
    expect(expandEnv(text, env)).toBe(text);
  });
});
