import { describe, expect, it } from 'vitest';
import { NexusError } from '../../../errors/nexus-error.ts';
import { addressOf, decodeMessagesRequest } from './decode-request.ts';

const body = { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] };

function refusal(thread: unknown): NexusError | undefined {
  try {
    const asked = { ...body, thread };
    decodeMessagesRequest(asked, addressOf(asked));
    return undefined;
  } catch (error) {
    if (NexusError.is(error)) return error;
    throw error;
  }
}

describe('a message thread, towards a vendor that keeps none', () => {
  it.each([[{ type: 'create' }], [{ type: 'continue', previous_message_id: 'msg_1' }]])('%j is refused', (thread) => {
    const error = refusal(thread);
    expect(error).toMatchObject({ code: 'invalid_request', status: 400, param: 'thread' });
    // The form on which the official SDK goes on without a thread.
    expect(JSON.parse(new TextDecoder().decode(error?.upstreamBody))).toEqual({
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: error?.message,
        details: { error_code: 'thread_unsupported_request', unsupported: ['model'] },
      },
      request_id: null,
    });
  });

  it.each([[null], [undefined]])('%j is none', (thread) => {
    expect(refusal(thread)).toBeUndefined();
  });
});
