import { anthropicMessages, anthropicPassthrough } from './anthropic-messages/index.ts';
import { bedrockConverse } from './bedrock-converse/index.ts';
import { googleGenerate, googlePassthrough } from './google-generate/index.ts';
import { openaiChat, openaiChatPassthrough } from './openai-chat/index.ts';
import { openaiResponses, responsesPassthrough } from './openai-responses/index.ts';
import type { PassthroughProtocol } from './passthrough.ts';
import type { ClientProtocolId, ProtocolId, UpstreamProtocol } from './protocol.ts';

/** The formats with their faces to vendors. A format nobody but vendors speaks stands here only. */
export const UPSTREAM_PROTOCOLS: Readonly<Record<ProtocolId, UpstreamProtocol>> = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'anthropic-messages': anthropicMessages,
  'google-generate': googleGenerate,
  'bedrock-converse': bedrockConverse,
};

/** What a relay to the same protocol reads, for those that clients speak too. */
export const PASSTHROUGH_PROTOCOLS: Readonly<Record<ClientProtocolId, PassthroughProtocol>> = {
  'openai-chat': openaiChatPassthrough,
  'openai-responses': responsesPassthrough,
  'anthropic-messages': anthropicPassthrough,
  'google-generate': googlePassthrough,
};
