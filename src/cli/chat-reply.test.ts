import { describe, expect, it } from 'vitest';
import { readReply } from './chat-reply.ts';

function stream(...chunks: readonly (string | Uint8Array)[]): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(typeof chunk === 'string' ? encoder.encode(chunk) : chunk);
      controller.close();
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

const delta = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
const end = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

async function read(response: Response) {
  const pieces: string[] = [];
  const reply = await readReply(response, (text) => pieces.push(text));
  return { pieces, ...reply };
}

describe('readReply', () => {
  it('hands on text as it arrives', async () => {
    expect(await read(stream(delta('Hel'), delta('lo'), end))).toEqual({
      pieces: ['Hel', 'lo'],
      text: 'Hello',
      finishReason: 'stop',
    });
  });

  it('reads text that is cut anywhere, inside a character too', async () => {
    const bytes = new TextEncoder().encode(delta('Grüße 🙂') + end);
    for (let at = 1; at < bytes.length; at++) {
      expect((await read(stream(bytes.slice(0, at), bytes.slice(at)))).text).toBe('Grüße 🙂');
    }
  });

  it('reads refusals, and passes over what it does not know', async () => {
    const odd =
      'data: {"choices":[]}\n\ndata: {"usage":{}}\n\ndata: null\n\ndata: {"choices":[{"delta":{"refusal":"No"}}]}\n\n';
    expect((await read(stream(odd, end))).text).toBe('No');
  });

  it('fails where the stream ends in an error, after what came before', async () => {
    const pieces: string[] = [];
    const broken = stream(delta('One'), 'data: {"error":{"message":"It broke"}}\n\n');
    await expect(readReply(broken, (text) => pieces.push(text))).rejects.toMatchObject({ message: 'It broke' });
    expect(pieces).toEqual(['One']);
  });

  it('fails where an event cannot be read', async () => {
    await expect(read(stream('data: {"choices\n\n'))).rejects.toMatchObject({ code: 'upstream_invalid' });
  });

  it.each([
    ['model_not_found', '{"error":{"message":"No model"}}', 'model_not_found', 'No model'],
    ['made_up', '{"error":{"message":"Odd"}}', 'upstream_failed', 'Odd'],
    [undefined, '<html>', 'upstream_failed', 'The answer cannot be read'],
    [undefined, 'null', 'upstream_failed', 'The answer cannot be read'],
  ])('keeps the code %j of an answer that is an error', async (header, body, code, message) => {
    const response = new Response(body, {
      status: 404,
      headers: header === undefined ? {} : { 'x-nexus-error': header },
    });
    await expect(read(response)).rejects.toMatchObject({ code, message });
  });
});
