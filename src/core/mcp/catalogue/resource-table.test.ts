import { describe, expect, it } from 'vitest';
import { ResourceTable } from './resource-table.ts';
import { uriMatcher } from './uri-template.ts';

describe('a URI template', () => {
  it.each([
    ['test://t/{id}/data', 'test://t/1/data', true],
    ['test://t/{id}/data', 'test://t/1/2/data', false],
    ['test://t/{id}/data', 'test://t//data', true],
    ['test://t/{id}/data', 'test://t/1/data/more', false],
    ['test://t/{id}/data', 'test://t/data', false],
    ['file:///{+path}', 'file:///a/b/c', true],
    ['file:///{path*}', 'file:///a/b', true],
    ['x://{a}{b}', 'x://ab', true],
    ['x://{a}-{b}', 'x://one-two', true],
    ['x://{a}-{b}', 'x://one', false],
    ['x://s{?q,r}', 'x://s?q=1/2', true],
    ['x://ab{c}ba', 'x://aba', false],
  ])('%s and %s: %s', (template, uri, matches) => {
    expect(uriMatcher(template)?.matches(uri)).toBe(matches);
  });

  it.each(['x://plain', '', `x://${'{a}'.repeat(33)}`, `x://${'a'.repeat(3000)}{b}`])(
    '%# cannot be matched',
    (template) => {
      expect(uriMatcher(template)).toBeUndefined();
    },
  );

  it('is matched in time whatever is asked', () => {
    const matcher = uriMatcher(`x://${'{a}-'.repeat(30)}`);
    const begun = performance.now();
    expect(matcher?.matches(`x://${'-'.repeat(200_000)}y`)).toBe(false);
    expect(performance.now() - begun).toBeLessThan(500);
  });
});

describe('the table of resources', () => {
  const lists = (resources: string[], templates: string[] = []) => ({
    resources: resources.map((uri) => ({ uri, name: uri })),
    resourceTemplates: templates.map((uriTemplate) => ({ uriTemplate, name: uriTemplate })),
  });
  const all = () => true;

  it('gives a URI to the first server that lists it, and the others a prefix', () => {
    const table = new ResourceTable([
      ['b', lists(['x://1', 'x://2'])],
      ['a', lists(['x://1'])],
    ]);
    expect(table.resources.map(({ uri }) => uri)).toEqual(['a+x://1', 'x://1', 'x://2']);
    expect(table.route('x://1', all)).toEqual({ server: 'b', uri: 'x://1' });
    expect(table.route('a+x://1', all)).toEqual({ server: 'a', uri: 'x://1' });
    expect(table.publicUri('a', 'x://1')).toBe('a+x://1');
    expect(table.publicUri('b', 'x://1')).toBe('x://1');
  });

  it('falls back to the template with the most fixed characters', () => {
    const table = new ResourceTable([
      ['wide', lists([], ['x://{+any}'])],
      ['narrow', lists([], ['x://files/{name}'])],
      ['twin', lists([], ['x://files/{name}'])],
    ]);
    expect(table.route('x://files/a', all)).toEqual({ server: 'narrow', uri: 'x://files/a' });
    expect(table.route('x://files/a/b', all)).toEqual({ server: 'wide', uri: 'x://files/a/b' });
    expect(table.route('twin+x://files/a', all)).toEqual({ server: 'twin', uri: 'x://files/a' });
    expect(table.route('y://files/a', all)).toBeUndefined();
  });

  it('knows only what is visible', () => {
    const table = new ResourceTable([
      ['a', lists(['x://1'], ['x://{n}'])],
      ['b', lists([], ['x://{+n}'])],
    ]);
    expect(table.route('x://1', (server) => server === 'b')).toEqual({ server: 'b', uri: 'x://1' });
    expect(table.route('x://1', () => false)).toBeUndefined();
  });

  it('leaves out what has no URI', () => {
    const table = new ResourceTable([['a', { resources: [{ name: 'x' }, { uri: 5 }], resourceTemplates: [{}] }]]);
    expect([table.resources, table.templates]).toEqual([[], []]);
  });
});
