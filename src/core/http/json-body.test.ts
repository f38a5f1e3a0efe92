import { describe, expect, it } from 'vitest';
import { readJsonBody } from './json-body.ts';
import { WebExchange } from './web.ts';

const LIMIT = 4 * 1024 * 1024;

function post(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = { 'content-type': 'application/json' },
) {
  return readJsonBody(new WebExchange(new Request('http://nexus/x', { method: 'POST', body, headers })), LIMIT);
}

describe('readJsonBody', () => {
  it('gives the bytes and what they mean', async () => {
    const { bytes, value } = await post('{ "a": 1.0 }');
    expect(bytes.toString()).toBe('{ "a": 1.0 }');
    expect(value).toEqual({ a: 1 });
  });

  it.each(['application/json; charset=utf-8', 'Application/JSON', 'application/vnd.api+json'])(
    'takes %s',
    async (type) => {
      expect((await post('[]', { 'content-type': type })).value).toEqual([]);
    },
  );

  it('takes a leading byte order mark', async () => {
    expect((await post('\ufeff{}')).value).toEqual({});
  });

  it.each([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['plain text', { 'content-type': 'text/plain' }],
    ['no type', { 'content-type': '' }],
    ['a compressed body', { 'content-type': 'application/json', 'content-encoding': 'gzip' }],
  ])('refuses %s', async (_, headers) => {
    await expect(post('{}', headers)).rejects.toMatchObject({ code: 'unsupported_media_type', status: 415 });
  });

  it.each([
    ['nothing', ''],
    ['half an object', '{"a":'],
    ['two documents', '{}{}'],
    ['UTF-16', new Uint8Array(Buffer.from('{"a":1}', 'utf16le'))],
    ['bytes that are no UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
    ['129 levels', `${'['.repeat(129)}${']'.repeat(129)}`],
    ['500,000 levels of arrays', `${'['.repeat(500_000)}${']'.repeat(500_000)}`],
    ['500,000 levels of objects', `${'{"a":'.repeat(500_000)}1${'}'.repeat(500_000)}`],
  ])('refuses %s', async (_, body) => {
    await expect(post(body)).rejects.toMatchObject({ code: 'invalid_request', status: 400 });
  });

  it('does not take brackets inside long texts for levels', async () => {
    const text = `${'['.repeat(200_000)} \\" { \\\\`;
    const { value } = await post(JSON.stringify({ text, more: [text] }));
    expect(value).toEqual({ text, more: [text] });
  });

  it('takes 128 levels', async () => {
    await expect(post(`${'['.repeat(128)}${']'.repeat(128)}`)).resolves.toBeDefined();
  });

  it('refuses a body over the limit, announced or not', async () => {
    await expect(post('x'.repeat(LIMIT + 1))).rejects.toMatchObject({ code: 'payload_too_large', status: 413 });
    const chunk = new Uint8Array(1024 * 1024);
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent++;
        controller.enqueue(chunk);
      },
    });
    const request = new Request('http://nexus/x', {
      method: 'POST',
      body: endless,
      headers: { 'content-type': 'application/json' },
      duplex: 'half',
    } as RequestInit);
    await expect(readJsonBody(new WebExchange(request), LIMIT)).rejects.toMatchObject({ code: 'payload_too_large' });
    expect(sent).toBeLessThan(8);
  });
});
