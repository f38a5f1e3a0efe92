import type { ClientProtocol, UpstreamProtocol } from '../protocol.ts';
import { decodeResponse } from './decode-response.ts';
import { encodeRequest } from './encode-request.ts';
import { encodeResponse } from './encode-response.ts';
import { decodeError, encodeError, encodeErrorEvent } from './error.ts';
import { decodeRequest } from './request.ts';
import { SPELLING } from './spelling.ts';
import { ChatStreamDecoder } from './stream-decoder.ts';
import { ChatStreamEncoder } from './stream-encoder.ts';
import { readUsage } from './usage.ts';
import { validateRequest } from './validate.ts';

export { openaiChatPassthrough } from './passthrough.ts';
export { addressOf } from './request.ts';

/** OpenAI's chat completions: as clients speak it, and as OpenAI itself takes it. Other hosts differ by their quirks. */
export const openaiChat = {
  id: 'openai-chat',
  spelling: SPELLING,
  validateRequest,
  decodeRequest,
  encodeResponse,
  createStreamEncoder: (context) => new ChatStreamEncoder(context),
  encodeError,
  encodeErrorEvent,
  encodeRequest,
  decodeResponse,
  createStreamDecoder: (context) => new ChatStreamDecoder(context),
  decodeError,
  readUsage,
} satisfies ClientProtocol & UpstreamProtocol & Record<string, unknown>;
