import type { ClientProtocol } from '../protocol.ts';
import { decodeError, encodeError, encodeErrorEvent } from './error.ts';
import { decodeChatRequest } from './request.ts';
import { encodeChatResponse } from './response.ts';
import { ChatStreamEncoder } from './stream.ts';
import { readUsage } from './usage.ts';
import { validateChatRequest } from './validate.ts';

export { decodeChatRequest } from './request.ts';
export { validateChatRequest } from './validate.ts';
export type { ChatRequest } from './wire.ts';

/**
 * OpenAI's chat completions, as clients speak it; with what forwarding bytes to a vendor of the same format needs:
 * `validateRequest`, `decodeError`, `readUsage`. A caller that has validated already uses `decodeChatRequest`.
 */
export const openaiChat = {
  id: 'openai-chat',
  validateRequest: validateChatRequest,
  decodeRequest: (body) => decodeChatRequest(validateChatRequest(body)),
  encodeResponse: encodeChatResponse,
  createStreamEncoder: (context) => new ChatStreamEncoder(context),
  encodeError,
  encodeErrorEvent,
  decodeError,
  readUsage,
} satisfies ClientProtocol & Record<string, unknown>;
