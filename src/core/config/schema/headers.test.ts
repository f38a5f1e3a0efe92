import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { configIssues, formatIssue } from '../issues.ts';
import { parseConfig } from '../parse.ts';

const configured = (...headers: unknown[]) =>
  parseConfig({ llm: { providers: { a: { type: 'openai', headers } } } }).config.llm.providers['a']?.headers;

function problems(...headers: unknown[]): string[] {
  try {
    configured(...headers);
  } catch (error) {
    return configIssues(error).map((issue) => formatIssue(issue).replace('llm.providers.a.headers', '~'));
  }
  return [];
}

describe('header rules', () => {
  it('are read with names in lower case and patterns compiled', () => {
    expect(
      configured(
        { rule: 'forward', name: 'X-One', default: 'd', rename: 'X-Two' },
        { rule: 'forward', pattern: '^X-Trace' },
        { rule: 'remove', pattern: 'secret' },
        { rule: 'remove', name: 'X-One' },
        { rule: 'rename_duplicate', name: 'A', rename: 'B' },
      ),
    ).toEqual([
      { rule: 'forward', name: 'x-one', default: 'd', rename: 'x-two' },
      { rule: 'forward', pattern: /^X-Trace/i },
      { rule: 'remove', pattern: /secret/i },
      { rule: 'remove', name: 'x-one' },
      { rule: 'rename_duplicate', name: 'a', rename: 'b' },
    ]);
  });

  it('keep inserted values to themselves', () => {
    const [rule] = configured({ rule: 'insert', name: 'Authorization', value: ' Basic abc== ' }) ?? [];
    expect(rule?.rule === 'insert' && rule.value.reveal()).toBe('Basic abc==');
    expect(inspect(rule) + JSON.stringify(rule)).not.toContain('abc');
    expect(problems({ rule: 'insert', name: 'x', value: 'hunter2\r\ny: z' }).join()).not.toContain('hunter2');
  });

  it.each([
    [{ rule: 'forward' }, '~[0]: give either name or pattern'],
    [{ rule: 'forward', name: 'a', pattern: 'a' }, '~[0]: give either name or pattern'],
    [{ rule: 'remove' }, '~[0]: give either name or pattern'],
    [
      { rule: 'forward', name: 'a b' },
      '~[0].name: must be a header name: letters, digits and "-", no blanks, found "a b"',
    ],
    [{ rule: 'forward', name: '' }, '~[0].name: must be a header name: letters, digits and "-", no blanks, found ""'],
    [{ rule: 'insert', name: 'a' }, '~[0].value: is required and must be text'],
    [
      { rule: 'insert', name: 'a', value: 'b\nc: d' },
      '~[0].value: must be text a header can carry: no line breaks or other control characters, found a text of 6 characters',
    ],
    [
      { rule: 'forward', name: 'a', default: 'b\0' },
      '~[0].default: must be text a header can carry: no line breaks or other control characters, found a text of 2 characters',
    ],
    [{ rule: 'remove', name: 'a', rename: 'b' }, '~[0].rename: unknown key'],
    [{ rule: 'forward', pattern: ' ' }, '~[0].pattern: cannot be empty, found " "'],
    [{ rule: 'forward', pattern: '(' }, '~[0].pattern: invalid header name regex, found "("'],
    [
      { rule: 'forwrad', name: 'a' },
      '~[0].rule: must be one of "forward", "insert", "remove", "rename_duplicate", found "forwrad" (did you mean "forward"?)',
    ],
    ['forward', '~[0]: must be a table, found a text of 7 characters'],
  ])('refuse %j', (rule, line) => {
    expect(problems(rule)[0]).toContain(line);
  });

  it.each(['Host', 'content-length', 'Transfer-Encoding', 'connection', 'te', 'upgrade', 'trailer', 'expect'])(
    'refuse to send %s',
    (name) => {
      const message = 'must not be a header that frames the message or names its host';
      expect(problems({ rule: 'insert', name, value: 'x' })[0]).toContain(`~[0].name: ${message}`);
      expect(problems({ rule: 'forward', name: 'a', rename: name })[0]).toContain(`~[0].rename: ${message}`);
      expect(problems({ rule: 'rename_duplicate', name: 'a', rename: name })[0]).toContain(`~[0].rename: ${message}`);
    },
  );

  it('are reported in the spelling of the file', () => {
    const headers = [{ rule: 'forward', nam: 'x' }];
    expect(() => parseConfig({ llm: { providers: { a: { type: 'openai', api_key: 'k', headers } } } })).toThrow(
      'llm.providers.a.headers[0].nam: unknown key (did you mean "name"?)',
    );
  });
});
