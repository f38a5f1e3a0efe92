import { OnFirstUse } from './on-first-use.ts';
import { openaiChat, openaiChatPassthrough } from './openai-chat/index.ts';
import type { PassthroughProtocol } from './passthrough.ts';
import type { ClientProtocol, ClientProtocolId, ProtocolId, UpstreamProtocol } from './protocol.ts';

/** A format that vendors speak. */
interface SpokenByVendors {
  readonly upstream: UpstreamProtocol;
}

/** A format that clients speak too, with what a relay to the same protocol reads. */
interface SpokenByClients extends SpokenByVendors {
  readonly client: ClientProtocol;
  readonly passthrough: PassthroughProtocol;
}

/** Where a format is had: a promise only until it is loaded. */
type Place<Spoken extends object> = Pick<OnFirstUse<Spoken>, 'get' | 'loaded'>;

const chat = spoken(openaiChat, openaiChatPassthrough);

/** The formats with their faces. All but the one that nearly everybody speaks are loaded when somebody speaks them. */
export const PROTOCOLS = {
  'openai-chat': { get: () => chat, loaded: chat },
  'openai-responses': new OnFirstUse(async () => {
    const { addressOf, openaiResponses, responsesPassthrough } = await import('./openai-responses/index.ts');
    return { ...spoken(openaiResponses, responsesPassthrough), addressOf };
  }),
  'anthropic-messages': new OnFirstUse(async () => {
    const folder = await import('./anthropic-messages/index.ts');
    const { addressOf, anthropicMessages, anthropicPassthrough, patchCountTokens, validateCountTokens } = folder;
    const tokenCount = { patch: patchCountTokens, validate: validateCountTokens };
    return { ...spoken(anthropicMessages, anthropicPassthrough), addressOf, tokenCount };
  }),
  'google-generate': new OnFirstUse(async () => {
    const { googleGenerate, googlePassthrough } = await import('./google-generate/index.ts');
    return spoken(googleGenerate, googlePassthrough);
  }),
  'bedrock-converse': new OnFirstUse<SpokenByVendors>(async () => {
    const { bedrockConverse: upstream } = await import('./bedrock-converse/index.ts');
    return { upstream };
  }),
} satisfies Record<ClientProtocolId, Place<SpokenByClients>> & Record<ProtocolId, Place<SpokenByVendors>>;

function spoken(both: ClientProtocol & UpstreamProtocol, passthrough: PassthroughProtocol): SpokenByClients {
  return { client: both, upstream: both, passthrough };
}
