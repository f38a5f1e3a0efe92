import { describe, expect, it } from 'vitest';
import { askableOf, canBeAsked, capabilityFor, missingCapabilities } from './client-capabilities.ts';
import { decodeHeaderValue } from './header-value.ts';
import { idOf, readMessage } from './message.ts';
import { findParamMismatch, mirroredParams } from './param-headers.ts';

describe('a header value', () => {
  it.each([
    ['plain', 'plain'],
    ['  padded ', 'padded'],
    ['=?base64?w6Q=?=', 'ä'],
    ['=?base64??=', ''],
    ['=?base64?w6Q?=', undefined],
    ['=?base64?/w==?=', undefined],
    ['=?base64?a b?=', undefined],
    ['=?base64?w6Q=', '=?base64?w6Q='],
  ])('%j is %j', (value, text) => {
    expect(decodeHeaderValue(value)).toBe(text);
  });
});

describe('a message', () => {
  it.each([
    [{ jsonrpc: '2.0', id: 0, method: 'm' }, 'request'],
    [{ jsonrpc: '2.0', id: '', method: 'm', params: {} }, 'request'],
    [{ jsonrpc: '2.0', method: 'm' }, 'notification'],
    [{ jsonrpc: '2.0', id: 1, result: {} }, 'response'],
    [{ jsonrpc: '2.0', id: null, error: { code: 1, message: 'x' } }, 'failure'],
    [{ jsonrpc: '2.0', id: 1, error: { code: 'x' } }, undefined],
    [{ jsonrpc: '2.0', id: 1, result: 5 }, undefined],
    [{ jsonrpc: '2.0', id: {}, method: 'm' }, undefined],
    [{ jsonrpc: '2.0', id: null, method: 'm' }, undefined],
    [{ jsonrpc: '2.0', id: 1, method: 'm', params: 'x' }, undefined],
    [{ id: 1, method: 'm' }, undefined],
    [null, undefined],
    [[], undefined],
  ])('%j is a %s', (value, kind) => {
    expect(readMessage(value)?.kind).toBe(kind);
  });

  it('has an id to answer to even when it is not one', () => {
    expect([idOf({ id: 3, method: 'x' }), idOf({ id: {}, method: 'x' }), idOf({ id: 3 }), idOf(5)]).toEqual([
      3,
      null,
      null,
      null,
    ]);
  });
});

describe('mirrored parameters', () => {
  const schema = {
    properties: {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      deep: { properties: { n: { type: 'integer', 'x-mcp-header': 'N' } } },
      bad: { type: 'string', 'x-mcp-header': 'not a token' },
      list: { items: { 'x-mcp-header': 'Item', type: 'string' } },
    },
  };

  it('are those on plain paths, under names a header can have', () => {
    expect(mirroredParams(schema).map(({ header }) => header)).toEqual(['mcp-param-region', 'mcp-param-n']);
    for (const odd of [undefined, null, 5, { properties: 5 }, { 'x-mcp-header': 'Root' }])
      expect(mirroredParams(odd)).toEqual([]);
  });

  it.each([
    [{ region: 'eu' }, { 'mcp-param-region': 'eu' }, true],
    [{ region: 'ä' }, { 'mcp-param-region': '=?base64?w6Q=?=' }, true],
    [{ region: 'eu' }, {}, false],
    [{ region: null }, {}, true],
    [{}, { 'mcp-param-region': 'left over' }, true],
    [{ deep: { n: 2 } }, { 'mcp-param-n': '2.0' }, true],
    [{ deep: { n: 2 } }, { 'mcp-param-n': '3' }, false],
    [{ deep: { n: 2 } }, { 'mcp-param-n': ' ' }, false],
    ['text', {}, true],
  ])('%j with %j agree: %s', (args, headers, agree) => {
    const sent: Record<string, string> = headers;
    expect(findParamMismatch(mirroredParams(schema), args, (name) => sent[name]) === undefined).toBe(agree);
  });
});

describe('what a client must have declared', () => {
  it.each([
    ['elicitation/create', {}, { elicitation: {} }, undefined],
    ['elicitation/create', {}, { elicitation: { url: {} } }, { elicitation: { form: {} } }],
    ['elicitation/create', { mode: 'url' }, { elicitation: { form: {} } }, { elicitation: { url: {} } }],
    ['elicitation/create', { mode: 'url' }, {}, { elicitation: { url: {} } }],
    ['sampling/createMessage', {}, { sampling: {} }, undefined],
    ['sampling/createMessage', { tools: [] }, { sampling: {} }, { sampling: { tools: {} } }],
    ['roots/list', {}, { roots: true }, { roots: {} }],
  ])('%s %j of %j lacks %j', (method, params, declared, missing) => {
    const required = capabilityFor(method, params);
    expect(required === undefined ? 'nothing' : missingCapabilities(required, declared)).toEqual(missing);
  });

  it('is nothing for what no client takes', () => {
    expect(capabilityFor('tools/call', {})).toBeUndefined();
  });
});

describe('what a client can be asked', () => {
  it.each([
    [{}, {}, false],
    [{ tools: {}, constructor: {} }, {}, false],
    [{ elicitation: { url: {} }, tools: {} }, { elicitation: { url: {} } }, true],
    [{ roots: { listChanged: true }, sampling: {} }, { sampling: {}, roots: { listChanged: true } }, true],
    [{ sampling: 1 }, { sampling: 1 }, false],
  ])('of %j it is %j', (declared, askable, can) => {
    expect(askableOf(declared)).toEqual(askable);
    expect(canBeAsked(declared)).toBe(can);
  });

  it('is the same text for the same abilities in another order', () => {
    const [one, other] = [askableOf({ roots: {}, elicitation: {} }), askableOf({ elicitation: {}, roots: {} })];
    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
  });
});
