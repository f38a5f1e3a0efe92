import type { UpstreamProtocol } from '../protocol.ts';
import { decodeError } from './error.ts';
import { encodeMessagesRequest } from './request.ts';
import { decodeMessagesResponse } from './response.ts';
import { MessagesStreamDecoder } from './stream.ts';

/** Anthropic's Messages, as Nexus speaks it to vendors. */
export const anthropicMessages: UpstreamProtocol = {
  id: 'anthropic-messages',
  encodeRequest: encodeMessagesRequest,
  decodeResponse: decodeMessagesResponse,
  createStreamDecoder: () => new MessagesStreamDecoder(),
  decodeError,
};
