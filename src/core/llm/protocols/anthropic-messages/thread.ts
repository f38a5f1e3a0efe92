import { Buffer } from 'node:buffer';
import { NexusError } from '../../../errors/nexus-error.ts';

const MESSAGE = "thread: this model's provider keeps no conversations; send all messages with each request";

const BODY = Buffer.from(
  JSON.stringify({
    type: 'error',
    error: {
      type: 'invalid_request_error',
      message: MESSAGE,
      details: { error_code: 'thread_unsupported_request', unsupported: ['model'] },
    },
    request_id: null,
  }),
);

/**
 * The refusal of a message thread (beta `message-threads-2026-08-12`), whose later requests bring only what is new. The
 * official SDK's tool runner asks for one by itself; `details`, in the form its client reads, make it send the whole
 * conversation instead. Left out in silence, the history would be missing from the second request on.
 */
export function threadRefused(): NexusError {
  return new NexusError('invalid_request', MESSAGE, { param: 'thread', upstreamBody: BODY });
}
