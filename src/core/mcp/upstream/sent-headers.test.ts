import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { paramHeaders, sentParams } from './sent-headers.ts';

const marked = (header: unknown, type: unknown = 'string') => ({ type, 'x-mcp-header': header });
const object = (properties: object) => ({ type: 'object', properties });

describe('sentParams', () => {
  it('finds annotations at any depth of properties', () => {
    const schema = object({
      region: marked('Region'),
      deep: object({ id: marked('Id', 'integer') }),
      free: { type: 'string' },
    });
    expect(sentParams(schema)).toEqual([
      { path: ['region'], header: 'Mcp-Param-Region' },
      { path: ['deep', 'id'], header: 'Mcp-Param-Id' },
    ]);
  });

  it('does not mistake a property of that name, or a default, for an annotation', () => {
    expect(sentParams(object({ 'x-mcp-header': { type: 'string' } }))).toEqual([]);
    expect(sentParams(object({ a: { type: 'object', default: { 'x-mcp-header': 'A' } } }))).toEqual([]);
  });

  it.each([
    ['an empty name', object({ a: marked('') })],
    ['a name with a blank', object({ a: marked('a b') })],
    ['a name with a line break', object({ a: marked('a\r\nb') })],
    ['no text', object({ a: marked(7) })],
    ['a number', object({ a: marked('A', 'number') })],
    ['an object', object({ a: marked('A', 'object') })],
    ['no type', object({ a: { 'x-mcp-header': 'A' } })],
    ['two of one name', object({ a: marked('Same'), b: marked('same') })],
    ['the root', { ...object({}), 'x-mcp-header': 'Root' }],
    ['an item', object({ a: { type: 'array', items: marked('A') } })],
    ['a branch', { ...object({}), anyOf: [object({ a: marked('A') })] }],
    ['a definition', { ...object({}), $defs: { a: marked('A') } }],
    ['no schema', null],
  ])('refuses %s', (_, schema) => {
    expect(sentParams(schema)).toBeUndefined();
  });
});

describe('paramHeaders', () => {
  const params = ['a', 'b'].map((name) => ({ path: [name], header: `Mcp-Param-${name}` }));
  const encoded = (text: string) => `=?base64?${Buffer.from(text).toString('base64')}?=`;

  it.each([
    ['plain text', 'eu west', 'eu west'],
    ['an integer', 7, '7'],
    ['a boolean', false, 'false'],
    ['an umlaut', 'ü', encoded('ü')],
    ['a line break', 'a\r\nX-Evil: 1', encoded('a\r\nX-Evil: 1')],
    ['blanks around', ' a ', encoded(' a ')],
    ['nothing', '', encoded('')],
    ['what looks encoded', '=?base64?YQ==?=', encoded('=?base64?YQ==?=')],
  ])('sends %s', (_, value, header) => {
    expect(paramHeaders(params, { a: value })).toEqual({ 'Mcp-Param-a': header });
  });

  it.each([[null], [undefined], [[1]], [{}], [Number.NaN], [2 ** 60]])('sends nothing for %j', (value) => {
    expect(paramHeaders(params, { a: value })).toEqual({});
  });

  it.each([[undefined], [null], ['text'], [[]]])('survives arguments that are %j', (args) => {
    expect(paramHeaders(params, args)).toEqual({});
  });

  it('does not read what an object inherits', () => {
    expect(paramHeaders([{ path: ['constructor', 'name'], header: 'H' }], {})).toEqual({});
  });
});
