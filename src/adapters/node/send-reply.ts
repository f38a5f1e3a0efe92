import { Buffer } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import { isByteStream, type Reply } from '../../core/index.ts';

/** What compressing middleware adds to a response: hands on what it holds back. */
type MaybeCompressed = ServerResponse & { flush?: () => void };

/** Writes a reply to a `ServerResponse`: streams leave chunk by chunk, and the upstream waits for a slow client. */
export function sendReply(response: MaybeCompressed, reply: Reply): void {
  const { body } = reply;
  if (response.destroyed || response.headersSent) {
    if (isByteStream(body)) body.cancel();
    return;
  }
  writeHead(response, reply);
  if (!isByteStream(body)) {
    if (typeof body === 'string') response.end(body, encodingOf(body));
    else response.end(body);
    return;
  }
  response.once('close', () => {
    if (!response.writableFinished) body.cancel();
  });
  response.on('drain', () => body.resume());
  let written = false;
  body.start({
    write(chunk) {
      written = true;
      const ready = response.write(chunk);
      response.flush?.();
      return ready;
    },
    end: () => response.end(),
  });
  // The head leaves in one packet with the first chunk; alone when there is none yet.
  if (!written) response.flushHeaders();
}

/** ASCII takes as many bytes as it has characters, and is only copied where Node is told so. */
function encodingOf(text: string): BufferEncoding {
  return Buffer.byteLength(text) === text.length ? 'latin1' : 'utf8';
}

/** Middleware that replaced `writeHead` need not know the flat form of headers. */
function writeHead(response: ServerResponse, { status, headers }: Reply): void {
  if (!Object.hasOwn(response, 'writeHead')) {
    response.writeHead(status, headers);
    return;
  }
  for (let i = 0; i + 1 < headers.length; i += 2) response.removeHeader(headers[i] ?? '');
  for (let i = 0; i + 1 < headers.length; i += 2) response.appendHeader(headers[i] ?? '', headers[i + 1] ?? '');
  response.writeHead(status);
}
