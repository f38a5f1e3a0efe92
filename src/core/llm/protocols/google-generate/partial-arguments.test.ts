import { describe, expect, it } from 'vitest';
import { PartialArguments } from './partial-arguments.ts';

type Piece = Record<string, unknown>;

const text = (jsonPath: string, stringValue: string, willContinue = false): Piece => ({
  jsonPath,
  stringValue,
  ...(willContinue && { willContinue }),
});

function write(pieces: readonly Piece[]): string[] {
  const args = new PartialArguments();
  return [...pieces.map((piece) => args.write(piece)), args.end()];
}
const value = (pieces: readonly Piece[]): unknown => JSON.parse(write(pieces).join(''));

describe('PartialArguments', () => {
  it('says each piece as it comes', () => {
    const pieces = [text('$.city', 'Os', true), text('$.city', 'lo', true), text('$.city', ''), text('$.unit', 'C')];
    expect(write(pieces)).toEqual(['{"city":"Os', 'lo', '"', ',"unit":"C"', '}']);
  });

  it.each<[readonly Piece[], unknown]>([
    [[], {}],
    [
      [
        { jsonPath: '$.a', numberValue: 0.5 },
        { jsonPath: '$.b', boolValue: false },
      ],
      { a: 0.5, b: false },
    ],
    [[{ jsonPath: '$.a', nullValue: 'NULL_VALUE' }], { a: null }],
    [[text('$.a.b', '1'), text('$.a.c', '2'), text('$.d', '3')], { a: { b: '1', c: '2' }, d: '3' }],
    [[text('$.a[0].b', '1'), text('$.a[0].c', '2'), text('$.a[1].b', '3')], { a: [{ b: '1', c: '2' }, { b: '3' }] }],
    [[text('$.a[0][0]', '1'), text('$.a[0][1]', '2'), text('$.a[1][0]', '3')], { a: [['1', '2'], ['3']] }],
    [[text("$['a b'].c", '1'), text('$["d.e"]', '2')], { 'a b': { c: '1' }, 'd.e': '2' }],
    [[text("$['it\\'s']", '1')], { "it's": '1' }],
    // A string that nobody closed.
    [[text('$.a', 'x', true), text('$.b', 'y', true)], { a: 'x', b: 'y' }],
    [
      [text('$.a', '"\n\\', true), text('$.a', '\u{1F600}'[0] ?? '', true), text('$.a', '\u{1F600}'[1] ?? '')],
      { a: '"\n\\\u{1F600}' },
    ],
    [[text('$.__proto__', 'x')], JSON.parse('{"__proto__":"x"}')],
  ])('adds %j up', (pieces, expected) => {
    expect(value(pieces)).toEqual(expected);
  });

  it.each<[string, readonly Piece[]]>([
    ['without a place', [{ stringValue: 'x' }]],
    ['without a place', [text('city', 'x')]],
    ['without a place', [text('$', 'x')]],
    ['without a place', [text('$[0]', 'x')]],
    ['without a place', [text('$.a[', 'x')]],
    ['without a place', [text('$.a[-1]', 'x')]],
    ['without a value', [{ jsonPath: '$.a' }]],
    ['without a value', [{ jsonPath: '$.a', numberValue: 'NaN' }]],
    ['out of order', [text('$.a', 'x'), text('$.a', 'y')]],
    ['out of order', [text('$.a.b', 'x'), text('$.c', 'y'), text('$.a.d', 'z')]],
    ['out of order', [text('$.a[1]', 'x')]],
    ['change shape', [text('$.a[0]', 'x'), text('$.a.b', 'y')]],
    ['change shape', [text('$.a.b', 'x'), text('$.a[0]', 'y')]],
  ])('refuses pieces %s: %j', (message, pieces) => {
    expect(() => write(pieces)).toThrow(expect.objectContaining({ code: 'upstream_invalid' }));
    expect(() => write(pieces)).toThrow(message);
  });
});
