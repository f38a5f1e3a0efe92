import type { CanonicalResponse } from '../../canonical/response.ts';
import type { EncodeContext } from '../protocol.ts';
import { writeUsage } from './usage.ts';

/** A canonical answer → JSON text of a chat completion. Texts are joined as they are: models split them anywhere. */
export function encodeChatResponse(response: CanonicalResponse, context: EncodeContext): string {
  let text: string | null = null;
  const calls: string[] = [];
  for (const part of response.parts) {
    if (part.type === 'text') text = (text ?? '') + part.text;
    else {
      const id = JSON.stringify(part.id);
      const call = `{"name":${JSON.stringify(part.name)},"arguments":${JSON.stringify(part.arguments || '{}')}}`;
      calls.push(`{"id":${id},"type":"function","function":${call}}`);
    }
  }
  const toolCalls = calls.length > 0 ? `,"tool_calls":[${calls.join(',')}]` : '';
  const message = `{"role":"assistant","content":${JSON.stringify(text)},"refusal":null${toolCalls}}`;
  const choice = `{"index":0,"message":${message},"logprobs":null,"finish_reason":"${response.finish}"}`;
  const usage = response.usage ? `,"usage":${writeUsage(response.usage)}` : '';
  return (
    `{"id":${JSON.stringify(response.id)},"object":"chat.completion","created":${context.created},` +
    `"model":${JSON.stringify(context.model)},"choices":[${choice}]${usage}}`
  );
}
