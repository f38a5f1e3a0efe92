// Streamable HTTP as Nexus speaks it to servers, message by message, over real sockets.
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Secret } from '../../src/core/config/secret.ts';
import { HttpTransport } from '../../src/core/http/client/http-transport.ts';
import { RemoteServer, type RemoteServerOptions } from '../../src/core/mcp/upstream/http/remote-server.ts';
import { StreamableWire } from '../../src/core/mcp/upstream/http/streamable-wire.ts';
import { linkFacts } from '../../src/core/mcp/upstream/link-failure.ts';
import type { JsonObject } from '../../src/core/mcp/wire/json-rpc.ts';
import { META, MODERN } from '../../src/core/mcp/wire/revision.ts';
import { type Handle, type HttpServer, serve } from '../support/mcp-http-servers.ts';
import { eventually } from '../support/mcp-upstreams.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const EVENTS_TYPE = { 'content-type': 'text/event-stream' };

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Opened {
  readonly server: HttpServer;
  readonly wire: StreamableWire;
  readonly heard: { readonly message: JsonObject; readonly during: unknown }[];
  readonly closed: (Error | undefined)[];
}

async function open(handle: Handle, options: Partial<RemoteServerOptions> & { path?: string } = {}): Promise<Opened> {
  const server = await serve(handle);
  const transport = new HttpTransport();
  const remote = new RemoteServer({ transport, token: undefined, headers: [], ...options });
  const wire = new StreamableWire(remote, new URL(`${server.origin}${options.path ?? '/mcp?key=1'}`));
  const heard: Opened['heard'][number][] = [];
  const closed: Opened['closed'][number][] = [];
  await wire.start({
    onMessage: (message, during) => heard.push({ message, during }),
    onClose: (failure) => closed.push(failure),
  });
  cleanups.push(async () => {
    await wire.close();
    await transport.close();
    await server[Symbol.asyncDispose]();
  });
  return { server, wire, heard, closed };
}

const request = (id: number, method: string, params: JsonObject = {}): JsonObject => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
});
const modern = (id: number, method: string, params: JsonObject): JsonObject =>
  request(id, method, { ...params, _meta: { [META.protocolVersion]: MODERN } });
const answer = (id: unknown, result: JsonObject = {}) => JSON.stringify({ jsonrpc: '2.0', id, result });

function sendJson(res: ServerResponse, body: string, status = 200): void {
  res.writeHead(status, JSON_TYPE).end(body);
}

/** A legacy server: a session, and what `rest` makes of everything behind the handshake. */
function legacy(rest: Handle): Handle {
  return (seen, req, res) => {
    if (seen.body?.method === 'initialize') {
      res.setHeader('mcp-session-id', 's-1');
      return sendJson(res, answer(seen.body.id));
    }
    if (seen.body?.method === 'notifications/initialized') return void res.writeHead(202).end();
    return rest(seen, req, res);
  };
}

async function shakeHands({ wire }: Opened): Promise<void> {
  await wire.send(request(0, 'initialize'));
  wire.setProtocolVersion('2025-11-25');
  await wire.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
}

describe('headers', () => {
  it('repeat what a modern message says, also in words that are no ASCII', async () => {
    const { server, wire } = await open(({ body }, _, res) => sendJson(res, answer(body?.id)));
    await wire.send(modern(1, 'tools/call', { name: 'echo' }), { headers: { 'Mcp-Param-City': 'Ulm' } });
    await wire.send(modern(2, 'resources/read', { uri: 'test://ä' }));
    await wire.send(modern(3, 'tools/list', { name: 'not a name here' }));
    expect(server.seen.map(({ path, headers }) => [path, headers['mcp-method'], headers['mcp-name']])).toEqual([
      ['/mcp?key=1', 'tools/call', 'echo'],
      ['/mcp?key=1', 'resources/read', `=?base64?${Buffer.from('test://ä').toString('base64')}?=`],
      ['/mcp?key=1', 'tools/list', undefined],
    ]);
    expect(server.seen[0]?.headers).toMatchObject({
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'mcp-protocol-version': MODERN,
      'mcp-param-city': 'Ulm',
      'user-agent': 'nexus-ai',
    });
  });

  it('carry session and revision of a legacy server from the handshake to the last word', async () => {
    const opened = await open(
      legacy(({ body }, req, res) => {
        if (req.method === 'GET') res.writeHead(405).end();
        else sendJson(res, answer(body?.id));
      }),
    );
    await shakeHands(opened);
    const { seen } = opened.server;
    await eventually(() => seen.some(({ method }) => method === 'GET'));
    await opened.wire.send(request(1, 'tools/list'));
    await opened.wire.close();
    const told = seen.map(({ method, headers }) => [
      method,
      headers['mcp-session-id'],
      headers['mcp-protocol-version'],
      headers['mcp-method'],
    ]);
    expect(told[0]).toEqual(['POST', undefined, undefined, undefined]);
    for (const [method, ...rest] of told.slice(1)) {
      expect([method, rest]).toEqual([method, ['s-1', '2025-11-25', undefined]]);
    }
    expect(told.map(([method]) => method)).toEqual(['POST', 'POST', 'GET', 'POST', 'DELETE']);
    expect(opened.closed).toEqual([undefined]);
  });

  it('give way to configured ones', async () => {
    const headers = [
      { name: 'user-agent', value: new Secret('first') },
      { name: 'user-agent', value: new Secret('second') },
      { name: 'authorization', value: new Secret('Basic x') },
    ];
    const token = { token: () => 't', refuse: () => {} };
    const { server, wire } = await open(({ body }, _, res) => sendJson(res, answer(body?.id)), { headers, token });
    await wire.send(request(1, 'ping'));
    expect(server.seen[0]?.headers).toMatchObject({ 'user-agent': 'second', authorization: 'Basic x' });
  });
});

describe('answers', () => {
  it('come as one message, as several, or as events, each with the request it belongs to', async () => {
    const note = { jsonrpc: '2.0', method: 'notifications/message', params: {} };
    const { wire, heard } = await open(({ body }, _, res) => {
      const id = body?.id;
      if (id === 1) return sendJson(res, `\uFEFF${answer(id, { words: 'äöü' })}`);
      if (id === 2) return sendJson(res, `[${JSON.stringify(note)},${answer(id)}]`);
      if (id === 3) {
        return void res
          .writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' })
          .end(gzipSync(answer(id, { packed: true })));
      }
      res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
      res.write(`: hello\n\nevent: other\ndata: {}\n\ndata: no json\n\ndata: ${JSON.stringify(note)}\n\n`);
      res.end(`event: message\ndata: ${answer(id)}\n\n`);
    });
    for (const id of [1, 2, 3, 4]) {
      await wire.send(request(id, 'tools/call'));
      await eventually(() => heard.some(({ message }) => message['id'] === id));
    }
    expect(heard.map(({ message, during }) => [message['method'] ?? message['result'], during])).toEqual([
      [{ words: 'äöü' }, 1],
      ['notifications/message', 2],
      [{}, 2],
      [{ packed: true }, 3],
      ['notifications/message', 4],
      [{}, 4],
    ]);
  });

  it.each<[string, Handle]>([
    ['an acknowledgement', (_, __, res) => void res.writeHead(202).end()],
    ['nothing', (_, __, res) => void res.writeHead(200, JSON_TYPE).end()],
    ['null', (_, __, res) => sendJson(res, 'null')],
    ['half a document', (_, __, res) => sendJson(res, '{"jsonrpc":"2.0",')],
    ['the answer to another request', (_, __, res) => sendJson(res, answer(99))],
    ['a message of no known version', (_, __, res) => sendJson(res, '{"id":1,"result":{}}')],
    ['a page', (_, __, res) => void res.writeHead(200, { 'content-type': 'text/html' }).end('<p>')],
    [
      'bytes that are not packed',
      (_, __, res) => {
        res.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end('plain');
      },
    ],
  ])('that are %s cannot be read', async (_, handle) => {
    const { wire } = await open(handle);
    await expect(wire.send(request(1, 'tools/list'))).rejects.toMatchObject({
      code: 'upstream_invalid',
      message: 'its answer cannot be read',
    });
  });

  it('that refuse are told with the error in them, if there is one', async () => {
    const { wire } = await open(({ body }, _, res) => {
      if (body?.id === 1) {
        sendJson(
          res,
          '{"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"Which?","data":{"supported":[]}}}',
          400,
        );
      } else sendJson(res, 'private words', body?.id === 2 ? 400 : 503);
    });
    await expect(wire.send(request(1, 'x'))).rejects.toMatchObject({ code: -32022, data: { supported: [] } });
    await expect(wire.send(request(2, 'x'))).rejects.toMatchObject({
      code: 'upstream_invalid',
      details: { status: 400 },
    });
    const failure = await wire.send(request(3, 'x')).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: 'upstream_failed', message: 'it answered with status 503' });
  });

  it('that never end, in refusals too, are given up', async () => {
    const left: unknown[] = [];
    const { wire } = await open(({ body }, _, res) => {
      res.writeHead(body?.id === 1 ? 500 : 200, body?.id === 2 ? EVENTS_TYPE : JSON_TYPE);
      if (body?.id === 2) res.write('data: ');
      const chunk = Buffer.alloc(1024 * 1024, 0x20);
      const pour = (): void => {
        while (!res.destroyed && res.write(chunk));
      };
      res.on('drain', pour);
      res.on('close', () => left.push(body?.id));
      pour();
    });
    await expect(wire.send(request(1, 'x'))).rejects.toMatchObject({ code: 'upstream_invalid' });
    let ended = 0;
    await wire.send(request(2, 'x'), { onStreamEnd: () => ended++ });
    await eventually(() => left.length === 2);
    expect([left, ended]).toEqual([[1, 2], 1]);
  });

  it('to a notification are not waited for', async () => {
    let isLeft = false;
    const { wire, heard } = await open((_, __, res) => {
      res.on('close', () => {
        isLeft = true;
      });
      res.writeHead(200, EVENTS_TYPE).write(`data: ${answer(1)}\n\n`);
    });
    await wire.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: {} });
    await eventually(() => isLeft);
    expect(heard).toEqual([]);
  });

  it('may leave their stream open for a moment, and no longer', async () => {
    let isLeft = false;
    const { wire, heard } = await open((_, __, res) => {
      res.on('close', () => {
        isLeft = true;
      });
      res.writeHead(200, EVENTS_TYPE).write(`data: ${answer(1)}\n\n`);
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      await wire.send(request(1, 'x'));
      while (heard.length === 0) await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(4000);
      await new Promise((resolve) => setImmediate(resolve));
      expect(isLeft).toBe(false);
      vi.advanceTimersByTime(2000);
    } finally {
      vi.useRealTimers();
    }
    await eventually(() => isLeft);
  });

  it('are not waited for by who has left', async () => {
    let isLeft = false;
    const { server, wire } = await open((_, __, res) => {
      res.on('close', () => {
        isLeft = true;
      });
    });
    const leaving = new AbortController();
    const sent = wire.send(request(1, 'x'), { signal: leaving.signal });
    await eventually(() => server.seen.length === 1);
    leaving.abort();
    await sent;
    await eventually(() => isLeft);
    await wire.send(request(2, 'x'), { signal: leaving.signal });
    expect(server.seen).toHaveLength(1);
  });
});

describe('a stream that breaks off', () => {
  const cutAnswer = (id: unknown, res: ServerResponse, head: string): void => {
    res.writeHead(200, EVENTS_TYPE);
    const note = { jsonrpc: '2.0', method: 'notifications/message', params: { id } };
    res.write(
      `${head}data: ${JSON.stringify(note)}

`,
      () => res.destroy(),
    );
  };

  it('is taken up where it was, when the server says how', async () => {
    const opened = await open(
      legacy(({ body, headers }, req, res) => {
        if (req.method === 'POST') return cutAnswer(body?.id, res, 'id: e-1\nretry: 1\n');
        if (headers['last-event-id'] === undefined) return void res.writeHead(405).end();
        if (headers['last-event-id'] === 'e-1') return void res.writeHead(200, EVENTS_TYPE).end('id: e-2\ndata:\n\n');
        res.writeHead(200, EVENTS_TYPE).write(`id: e-3\ndata: ${answer(1)}\n\n`);
      }),
    );
    await shakeHands(opened);
    let ended = 0;
    await opened.wire.send(request(1, 'tools/call'), { onStreamEnd: () => ended++ });
    await eventually(() => opened.heard.some(({ message }) => message['id'] === 1));
    expect(opened.heard.at(-1)?.during).toBe(1);
    expect(opened.server.seen.flatMap(({ headers }) => headers['last-event-id'] ?? [])).toEqual(['e-1', 'e-2']);
    expect([ended, opened.closed]).toEqual([0, []]);
  });

  it.each([
    ['names no place to go on from', MODERN, '', false],
    ['is one of the modern era', MODERN, 'id: e-1\n', true],
    ['names a place that fits no header', '2025-11-25', 'id: ä\n', false],
  ])('is over when it %s', async (_, __, head, isModern) => {
    const { server, wire } = await open(({ body }, ___, res) => cutAnswer(body?.id, res, head));
    const message = isModern ? modern(1, 'tools/call', { name: 'x' }) : request(1, 'tools/call');
    await new Promise<void>((resolve) => void wire.send(message, { onStreamEnd: resolve }));
    expect(server.seen.map(({ method }) => method)).toEqual(['POST']);
  });

  it('is over when the server does not know it any more', async () => {
    const { server, wire, closed } = await open(({ body }, req, res) => {
      if (req.method === 'POST') cutAnswer(body?.id, res, 'id: e-1\nretry: 1\n');
      else res.writeHead(400).end();
    });
    await new Promise<void>((resolve) => void wire.send(request(1, 'tools/call'), { onStreamEnd: resolve }));
    expect(server.seen.map(({ method }) => method)).toEqual(['POST', 'GET']);
    expect(closed).toEqual([]);
  });

  it('is not asked for again by who has left', async () => {
    const leaving = new AbortController();
    const { server, wire } = await open(({ body }, req, res) => {
      if (req.method === 'POST') return cutAnswer(body?.id, res, 'id: e-1\nretry: 1\n');
      res.on('close', () => server.seen.push(server.seen[0] as (typeof server.seen)[number]));
      leaving.abort();
    });
    await wire.send(request(1, 'tools/call'), { signal: leaving.signal });
    await eventually(() => server.seen.length === 3);
  });
});

describe('what a legacy server says of itself', () => {
  it('is heard again after the stream broke, from the last event on', async () => {
    let streams = 0;
    const opened = await open(
      legacy((_, __, res) => {
        res.writeHead(200, EVENTS_TYPE);
        streams += 1;
        const note = { jsonrpc: '2.0', method: `n/${streams}` };
        const isLast = streams === 3;
        res.write(`retry: 1\nid: e-${streams}\ndata: ${JSON.stringify(note)}\n\n`, () => isLast || res.destroy());
      }),
    );
    await shakeHands(opened);
    await eventually(() => opened.heard.length === 4);
    expect(opened.heard.slice(1).map(({ message, during }) => [message['method'], during])).toEqual([
      ['n/1', undefined],
      ['n/2', undefined],
      ['n/3', undefined],
    ]);
    const from = opened.server.seen
      .filter(({ method }) => method === 'GET')
      .map(({ headers }) => headers['last-event-id']);
    expect(from).toEqual([undefined, 'e-1', 'e-2']);
  });

  it.each([
    [404, 'it has forgotten the session (404)'],
    [400, undefined],
    [405, undefined],
  ])('with status %i is not asked for again', async (status, problem) => {
    const opened = await open(
      legacy(({ body }, req, res) => {
        if (req.method === 'GET') res.writeHead(status).end('words');
        else sendJson(res, answer(body?.id));
      }),
    );
    const asked = () => opened.server.seen.filter(({ method }) => method === 'GET').length;
    await shakeHands(opened);
    await eventually(() => asked() === 1);
    if (problem === undefined) {
      await opened.wire.send(request(1, 'ping'));
      expect(opened.closed).toEqual([]);
    } else {
      await eventually(() => opened.closed.length === 1);
      expect(opened.closed).toMatchObject([{ message: problem }]);
    }
    expect(asked()).toBe(1);
  });

  it('tells of a server that is gone', async () => {
    const opened = await open(legacy((_, __, res) => void res.writeHead(200, EVENTS_TYPE).write(': open\n\n')));
    await shakeHands(opened);
    await eventually(() => opened.server.seen.some(({ method }) => method === 'GET'));
    await opened.server[Symbol.asyncDispose]();
    await eventually(() => opened.closed.length === 1);
    expect(opened.closed).toMatchObject([{ message: 'it cannot be reached' }]);
    await expect(opened.wire.send(request(1, 'ping'))).rejects.toMatchObject({ details: { sent: false, over: true } });
  });
});

describe('a server that is elsewhere', () => {
  it('is followed within its origin, and found there at once the next time', async () => {
    const { server, wire } = await open(
      ({ path, body }, _, res) => {
        if (path === '/mcp') res.writeHead(307, { location: '/mcp/' }).end();
        else sendJson(res, answer(body?.id));
      },
      { path: '/mcp', token: { token: () => 't0ken', refuse: () => {} } },
    );
    await wire.send(request(1, 'ping'));
    await wire.send(request(2, 'ping'));
    expect(server.seen.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/mcp', 'Bearer t0ken'],
      ['/mcp/', 'Bearer t0ken'],
      ['/mcp/', 'Bearer t0ken'],
    ]);
    expect(server.seen.map(({ text }) => JSON.parse(text).id)).toEqual([1, 1, 2]);
  });

  it.each([
    ['at another origin', 307, (origin: string) => origin.replace('127.0.0.1', 'localhost')],
    ['asked in another way', 302, () => '/other'],
    ['nowhere', 307, () => 'http://['],
  ])('is not followed when it is %s', async (_, status, location) => {
    const { server, wire } = await open((seen, __, res) => {
      res.writeHead(status, { location: location(`http://${seen.headers.host}/elsewhere`) }).end();
    });
    await expect(wire.send(request(1, 'ping'))).rejects.toMatchObject({ message: `it answered with status ${status}` });
    expect(server.seen).toHaveLength(1);
  });

  it('is not followed for ever', async () => {
    const { server, wire } = await open((_, __, res) => void res.writeHead(308, { location: '/again' }).end());
    await expect(wire.send(request(1, 'ping'))).rejects.toMatchObject({ message: 'it answered with status 308' });
    expect(server.seen).toHaveLength(6);
  });
});

describe('a token', () => {
  const tokens = (...values: string[]) => {
    const refused: string[] = [];
    return {
      refused,
      token: () => {
        const value = values[refused.length] ?? values.at(-1) ?? '';
        return refused.length > 0 ? Promise.resolve(value) : value;
      },
      refuse: (value: string) => refused.push(value),
    };
  };
  const guarded: Handle = ({ body, headers }, _, res) => {
    if (headers.authorization === 'Bearer good') sendJson(res, answer(body?.id));
    else res.writeHead(401, { 'www-authenticate': 'Bearer' }).end('no');
  };

  it('that is refused is renewed, and the message sent again', async () => {
    const token = tokens('old', 'good');
    const { server, wire, heard } = await open(guarded, { token });
    await wire.send(request(1, 'ping'));
    expect(heard).toHaveLength(1);
    expect([token.refused, server.seen.length]).toEqual([['old'], 2]);
  });

  it.each([
    ['is refused again', ['old', 'bad'], 2],
    ['cannot be renewed', ['old', 'old'], 1],
  ])('that %s is not sent a third time', async (_, values, times) => {
    const { server, wire } = await open(guarded, { token: tokens(...values) });
    const failure = await wire.send(request(1, 'ping')).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: 'upstream_auth', message: 'it refused the credentials of Nexus (401)' });
    expect(server.seen).toHaveLength(times);
  });

  it('that cannot be had is the failure of the message', async () => {
    const token = { token: () => Promise.reject(new Error('no token')), refuse: () => {} };
    const { server, wire } = await open(guarded, { token });
    const failure = await wire.send(request(1, 'ping')).catch((thrown: unknown) => thrown);
    expect(linkFacts(failure)).toBeDefined();
    expect(server.seen).toEqual([]);
  });
});

describe('the end', () => {
  it('takes everything along that is open, and does not wait for a server that does not let go', async () => {
    let under = 0;
    const opened = await open(
      legacy((_, __, res) => {
        under += 1;
        res.on('close', () => {
          under -= 1;
        });
      }),
    );
    await shakeHands(opened);
    void opened.wire.send(request(1, 'tools/call'));
    await eventually(() => under === 2);
    const began = performance.now();
    await opened.wire.close();
    expect(performance.now() - began).toBeLessThan(2000);
    await eventually(() => under === 0);
    expect(opened.server.seen.at(-1)?.method).toBe('DELETE');
    expect(opened.closed).toEqual([undefined]);
  });
});
