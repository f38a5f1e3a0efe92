import type { CanonicalResponse } from '../../canonical/response.ts';
import type { EncodeContext } from '../protocol.ts';
import { writeFinish } from './finish.ts';
import { writeLogprobs } from './logprobs.ts';
import { encodeMedia } from './media.ts';
import { writeCandidateSafety, writePromptSafety } from './safety.ts';
import { SignedParts } from './signed-parts.ts';
import { writeUsage } from './usage.ts';
import { writeCallPart } from './write-call.ts';

/**
 * A canonical answer → JSON text of a GenerateContentResponse. Signatures of other vendors stay behind. A call whose
 * arguments are not an object is left out and the answer ends as one of Google's would: MALFORMED_FUNCTION_CALL.
 */
export function encodeGenerateResponse(response: CanonicalResponse, context: EncodeContext): string {
  const texts: string[] = [];
  let run = new SignedParts();
  let unreadableCall = false;
  const write = (): void => {
    for (const part of run.close()) texts.push(JSON.stringify(part));
    run = new SignedParts();
  };
  for (const part of response.parts) {
    switch (part.type) {
      case 'text':
      case 'refusal':
        if (part.text !== '') run.addText(part.text);
        break;
      case 'reasoning':
        if (part.origin === 'google') run.addReasoning(part);
        else if (part.text !== '') run.add({ text: part.text, thought: true });
        break;
      case 'media':
        // A file at another vendor cannot be shown here.
        if (part.fileId === undefined) run.add(encodeMedia(part));
        else context.dropped?.push(`answer.${part.kind}`);
        break;
      case 'tool_call': {
        write();
        const call = writeCallPart(part);
        if (call === undefined) unreadableCall = true;
        else texts.push(call);
      }
    }
  }
  write();
  const { logprobs, safety } = response;
  const hasRefusal = response.parts.some(({ type }) => type === 'refusal');
  const finish = writeFinish(response.finish, { unreadableCall, hasRefusal });
  const usage = response.usage ? `"usageMetadata":${writeUsage(response.usage)},` : '';
  return (
    `{"candidates":[{"content":{"parts":[${texts.join(',')}],"role":"model"},"finishReason":"${finish}","index":0` +
    `${safety === undefined ? '' : writeCandidateSafety(safety)}${writeLogprobs(logprobs)}}],` +
    `${usage}"modelVersion":${JSON.stringify(context.model)},` +
    `"responseId":${JSON.stringify(response.id || context.newId())}${safety === undefined ? '' : writePromptSafety(safety)}}`
  );
}
