import { anthropicMessages, anthropicPassthrough } from './anthropic-messages/index.ts';
import { googleGenerate, googlePassthrough } from './google-generate/index.ts';
import { openaiChat, openaiChatPassthrough, openaiCompatibleChat } from './openai-chat/index.ts';
import { openaiResponses, responsesPassthrough } from './openai-responses/index.ts';
import type { PassthroughProtocol } from './passthrough.ts';
import type { ClientProtocol, ProtocolId, UpstreamProtocol } from './protocol.ts';

/** One wire format with all its faces. */
export interface Protocol {
  readonly client: ClientProtocol;
  readonly upstream: UpstreamProtocol;
  /** What a relay to the same protocol reads. */
  readonly passthrough: PassthroughProtocol;
}

export const PROTOCOLS: Readonly<Record<ProtocolId, Protocol>> = {
  'openai-chat': { client: openaiChat, upstream: openaiChat, passthrough: openaiChatPassthrough },
  'openai-responses': { client: openaiResponses, upstream: openaiResponses, passthrough: responsesPassthrough },
  'anthropic-messages': {
    client: anthropicMessages,
    upstream: anthropicMessages,
    passthrough: anthropicPassthrough,
  },
  'google-generate': { client: googleGenerate, upstream: googleGenerate, passthrough: googlePassthrough },
};

/** The chat format as vendors other than OpenAI know it. */
export const COMPATIBLE_CHAT: UpstreamProtocol = openaiCompatibleChat;
