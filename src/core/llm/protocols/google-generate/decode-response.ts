import type { CanonicalResponse, ResponsePart } from '../../canonical/response.ts';
import { isJsonObject } from '../json-object.ts';
import type { DecodeContext } from '../protocol.ts';
import { failedCall, readAnswer, readCall, signatureOf } from './answer.ts';
import { mintedCallId } from './call-id.ts';
import { errorUnderSuccess, unreadable } from './error.ts';
import { finishReason, isFailedCall, isSet } from './finish.ts';
import { decodeInlineData, isInlineData } from './media.ts';
import { readUsage } from './usage.ts';

/**
 * A GenerateContentResponse → its canonical form. What Google's own tools did is left out. A prompt or an answer that
 * was blocked ends with `content_filter`. Throws `upstream_invalid` when the body is an error, whatever its status was,
 * not an answer of this format, or nothing but a tool call that failed.
 */
export function decodeGenerateResponse(body: unknown, context: DecodeContext): CanonicalResponse {
  if (!isJsonObject(body)) throw unreadable('an answer that is not a JSON object');
  const answer = readAnswer(body);
  const blocked = !answer.hasCandidate && isSet(answer.blockReason);
  if (!answer.hasCandidate && !blocked) throw errorUnderSuccess(body) ?? unreadable('an answer without candidates');
  const parts: ResponsePart[] = [];
  for (const part of answer.parts) {
    if (!isJsonObject(part)) throw unreadable('a part that is not an object');
    pushPart(part, parts, context);
  }
  if (isFailedCall(answer.finishReason) && !parts.some(({ type }) => type !== 'reasoning')) {
    throw failedCall(answer.finishReason);
  }
  const { responseId, modelVersion } = body;
  return {
    id: typeof responseId === 'string' ? responseId : '',
    model: typeof modelVersion === 'string' ? modelVersion : '',
    parts,
    finish: blocked
      ? 'content_filter'
      : finishReason(
          answer.finishReason,
          parts.some(({ type }) => type === 'tool_call'),
        ),
    ...(answer.logprobs.length > 0 && { logprobs: answer.logprobs }),
    ...(answer.safety !== undefined && { safety: answer.safety }),
    usage: readUsage(body['usageMetadata']),
  };
}

function pushPart(part: Record<string, unknown>, parts: ResponsePart[], context: DecodeContext): void {
  const { text, functionCall, inlineData } = part;
  const found = signatureOf(part);
  const signature = found === undefined ? undefined : { signature: found };
  if (typeof text === 'string') {
    if (part['thought'] === true) {
      if (text !== '' || signature) parts.push({ type: 'reasoning', text, ...signature, origin: 'google' });
      return;
    }
    if (signature) parts.push({ type: 'reasoning', text: '', ...signature, origin: 'google' });
    if (text !== '') parts.push({ type: 'text', text });
  } else if (functionCall !== undefined) {
    const { id, name, arguments: args } = readCall(functionCall);
    parts.push({ type: 'tool_call', id: id ?? mintedCallId(context.newId()), name, arguments: args, ...signature });
  } else if (isInlineData(inlineData) && part['thought'] !== true) {
    parts.push(decodeInlineData(inlineData));
  }
}
