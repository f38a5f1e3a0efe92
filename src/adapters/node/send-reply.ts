import type { ServerResponse } from 'node:http';
import { isByteStream, type Reply } from '../../core/index.ts';

/** Writes a reply to a `ServerResponse`: streams leave chunk by chunk, and the upstream waits for a slow client. */
export function sendReply(response: ServerResponse, reply: Reply): void {
  const { body } = reply;
  if (response.destroyed || response.headersSent) {
    if (isByteStream(body)) body.cancel();
    return;
  }
  response.writeHead(reply.status, reply.headers);
  if (!isByteStream(body)) {
    response.end(body);
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
      return response.write(chunk);
    },
    end: () => response.end(),
  });
  // The head leaves in one packet with the first chunk; alone when there is none yet.
  if (!written) response.flushHeaders();
}
