import type { ClientProtocol, UpstreamProtocol } from '../protocol.ts';
import { decodeResponse } from './decode-response.ts';
import { type ChatDialect, encodeRequest } from './encode-request.ts';
import { encodeResponse } from './encode-response.ts';
import { decodeError, encodeError, encodeErrorEvent } from './error.ts';
import { decodeRequest } from './request.ts';
import { SPELLING } from './spelling.ts';
import { ChatStreamDecoder } from './stream-decoder.ts';
import { ChatStreamEncoder } from './stream-encoder.ts';
import { readUsage } from './usage.ts';
import { validateRequest } from './validate.ts';

export type { ChatDialect } from './encode-request.ts';
export { openaiChatPassthrough } from './passthrough.ts';
export { addressOf } from './request.ts';

/** The face to vendors, for hosts that accept `dialect`. */
export function createOpenaiChatUpstream(dialect: ChatDialect): UpstreamProtocol {
  return {
    id: 'openai-chat',
    encodeRequest: (request, dropped, quirks) => encodeRequest(request, dropped, dialect, quirks),
    decodeResponse,
    createStreamDecoder: (context) => new ChatStreamDecoder(context),
    decodeError,
  };
}

/** OpenAI's chat completions: as clients speak it, and as OpenAI itself takes it. */
export const openaiChat = {
  ...createOpenaiChatUpstream({ maxTokensField: 'max_completion_tokens' }),
  id: 'openai-chat',
  spelling: SPELLING,
  validateRequest,
  decodeRequest,
  encodeResponse,
  createStreamEncoder: (context) => new ChatStreamEncoder(context),
  encodeError,
  encodeErrorEvent,
  readUsage,
} satisfies ClientProtocol & UpstreamProtocol & Record<string, unknown>;

/** Chat completions as vendors other than OpenAI take them. */
export const openaiCompatibleChat: UpstreamProtocol = createOpenaiChatUpstream({
  maxTokensField: 'max_tokens',
  thoughtSignatures: true,
});
