import type { ClientProtocol, UpstreamProtocol } from '../protocol.ts';
import { decodeMessagesRequest } from './decode-request.ts';
import { encodeMessagesResponse } from './encode-response.ts';
import { decodeError, encodeError, encodeErrorEvent } from './error.ts';
import { encodeMessagesRequest } from './request.ts';
import { decodeMessagesResponse } from './response.ts';
import { SPELLING } from './spelling.ts';
import { MessagesStreamDecoder } from './stream.ts';
import { MessagesStreamEncoder } from './stream-encoder.ts';
import { validateMessagesRequest } from './validate.ts';

export { decodeCountTokens, encodeCountTokens, patchCountTokens } from './count-tokens.ts';
export { addressOf } from './decode-request.ts';
export { anthropicPassthrough } from './passthrough.ts';
export { validateCountTokens } from './validate.ts';

/** Anthropic's Messages, as clients speak it to Nexus and as Nexus speaks it to vendors. */
export const anthropicMessages = {
  id: 'anthropic-messages',
  spelling: SPELLING,
  validateRequest: validateMessagesRequest,
  decodeRequest: decodeMessagesRequest,
  encodeResponse: encodeMessagesResponse,
  createStreamEncoder: (context) => new MessagesStreamEncoder(context),
  encodeError,
  encodeErrorEvent,
  encodeRequest: encodeMessagesRequest,
  decodeResponse: decodeMessagesResponse,
  createStreamDecoder: () => new MessagesStreamDecoder(),
  decodeError,
} satisfies ClientProtocol & UpstreamProtocol;
