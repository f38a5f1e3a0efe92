import { describe, expect, it } from 'vitest';
import { parseConfig } from '../config/parse.ts';
import { applyHeaderRules, type ClientHeaders, type HeaderSet, isNeverForwarded } from './header-rules.ts';

/** Rules as a configuration gives them. */
function rules(...headers: unknown[]) {
  return (
    parseConfig({ llm: { providers: { a: { type: 'openai', headers } } } }).config.llm.providers['a']?.headers ?? []
  );
}

function client(headers: Record<string, string>): ClientHeaders {
  return { header: (name) => headers[name], headerNames: () => Object.keys(headers) };
}

function apply(list: unknown[], sent: Record<string, string>, built: HeaderSet = new Map()): Record<string, string> {
  applyHeaderRules(rules(...list), client(sent), built);
  return Object.fromEntries([...built].map(([name, { value }]) => [name, value]));
}

const SENT = {
  'x-trace': 't1',
  'x-trace-parent': 't2',
  'x-user': 'u',
  authorization: 'Bearer client',
  'x-api-key': 'client',
  'x-goog-api-key': 'client',
  'api-key': 'client',
  'x-provider-api-key': 'client',
  cookie: 'c=1',
  'x-nexus-request-id': 'id',
  host: 'h',
  accept: '*/*',
  'content-length': '7',
  'content-type': 'text/plain',
  'sec-websocket-key': 'k',
};

describe('header rules', () => {
  it.each<[string, unknown[], Record<string, string>]>([
    ['nothing without rules', [], {}],
    ['forward by name', [{ rule: 'forward', name: 'X-Trace' }], { 'x-trace': 't1' }],
    ['forward under another name', [{ rule: 'forward', name: 'x-trace', rename: 'X-T' }], { 'x-t': 't1' }],
    ['forward what is absent', [{ rule: 'forward', name: 'x-none' }], {}],
    ['forward with a default', [{ rule: 'forward', name: 'x-none', default: 'd' }], { 'x-none': 'd' }],
    ['forward with an unused default', [{ rule: 'forward', name: 'x-user', default: 'd' }], { 'x-user': 'u' }],
    [
      'forward by pattern, in any case and anywhere',
      [{ rule: 'forward', pattern: 'TRACE' }],
      { 'x-trace': 't1', 'x-trace-parent': 't2' },
    ],
    ['forward by anchored pattern', [{ rule: 'forward', pattern: '^x-trace$' }], { 'x-trace': 't1' }],
    ['forward a pattern under one name', [{ rule: 'forward', pattern: 'trace', rename: 'all' }], { all: 't1, t2' }],
    [
      'forward everything: no credentials, nothing of the connection, nothing of ours',
      [{ rule: 'forward', pattern: '.*' }],
      { 'x-trace': 't1', 'x-trace-parent': 't2', 'x-user': 'u' },
    ],
    [
      'forward credentials that are named',
      [
        { rule: 'forward', name: 'authorization' },
        { rule: 'forward', name: 'cookie' },
        { rule: 'forward', name: 'x-provider-api-key', rename: 'x-key' },
      ],
      { authorization: 'Bearer client', cookie: 'c=1', 'x-key': 'client' },
    ],
    [
      'forward of what is never forwarded',
      ['host', 'accept', 'content-length', 'content-type', 'sec-websocket-key'].map((name) => ({
        rule: 'forward',
        name,
        default: 'd',
      })),
      {},
    ],
    ['never forwarded under another name either', [{ rule: 'forward', name: 'host', rename: 'x-host' }], {}],
    ['insert', [{ rule: 'insert', name: 'X-Team', value: 'blue' }], { 'x-team': 'blue' }],
    [
      'insert over a forwarded one',
      [
        { rule: 'forward', name: 'x-user' },
        { rule: 'insert', name: 'x-user', value: 'nobody' },
      ],
      { 'x-user': 'nobody' },
    ],
    [
      'forward drops what was built under its name',
      [
        { rule: 'insert', name: 'x-none', value: '1' },
        { rule: 'forward', name: 'x-none' },
      ],
      {},
    ],
    [
      'remove by name',
      [
        { rule: 'forward', pattern: 'trace' },
        { rule: 'remove', name: 'X-Trace' },
      ],
      { 'x-trace-parent': 't2' },
    ],
    [
      'remove by pattern',
      [
        { rule: 'forward', pattern: '^x-' },
        { rule: 'remove', pattern: 'trace' },
      ],
      { 'x-user': 'u' },
    ],
    [
      'remove only from what is built before',
      [
        { rule: 'remove', name: 'x-user' },
        { rule: 'forward', name: 'x-user' },
      ],
      { 'x-user': 'u' },
    ],
    [
      'rename_duplicate',
      [{ rule: 'rename_duplicate', name: 'x-user', rename: 'x-who' }],
      { 'x-user': 'u', 'x-who': 'u' },
    ],
    ['rename_duplicate with nothing', [{ rule: 'rename_duplicate', name: 'x-none', rename: 'y' }], {}],
    [
      'rename_duplicate with a default',
      [{ rule: 'rename_duplicate', name: 'x-none', rename: 'y', default: 'd' }],
      { 'x-none': 'd', y: 'd' },
    ],
  ])('%s', (_name, list, expected) => {
    expect(apply(list, SENT)).toEqual(expected);
  });

  it('say which values are the client’s and which outrank ours', () => {
    const built: HeaderSet = new Map();
    apply(
      [
        { rule: 'forward', pattern: '^x-user$' },
        { rule: 'forward', name: 'x-trace' },
        { rule: 'forward', name: 'x-none', default: 'd' },
        { rule: 'insert', name: 'y', value: 'z' },
      ],
      SENT,
      built,
    );
    expect(Object.fromEntries(built)).toEqual({
      'x-user': { value: 'u', explicit: false, fromClient: true },
      'x-trace': { value: 't1', explicit: true, fromClient: true },
      'x-none': { value: 'd', explicit: true, fromClient: false },
      y: { value: 'z', explicit: true, fromClient: false },
    });
  });

  it('leave headers behind that the client bound to its connection', () => {
    const sent = { connection: 'close, X-User', 'x-user': 'u', 'x-trace': 't' };
    expect(apply([{ rule: 'forward', pattern: '^x-' }], sent)).toEqual({ 'x-trace': 't' });
    expect(apply([{ rule: 'forward', name: 'x-user', default: 'd' }], sent)).toEqual({});
  });

  it('match no endless name', () => {
    const sent = { [`x-${'a'.repeat(200)}`]: '1' };
    expect(apply([{ rule: 'forward', pattern: '^x-a' }], sent)).toEqual({});
  });

  it('know the same connection headers as the configuration warns about', () => {
    const names = [
      'accept',
      'host',
      'origin',
      'te',
      'expect',
      'content-encoding',
      'sec-websocket-protocol',
      'x-a',
      'cookie',
    ];
    for (const name of names) {
      const { warnings } = parseConfig({
        llm: { providers: { a: { type: 'openai', headers: [{ rule: 'forward', name }] } } },
      });
      expect([name, warnings.length > 0]).toEqual([name, isNeverForwarded(name)]);
    }
  });
});
