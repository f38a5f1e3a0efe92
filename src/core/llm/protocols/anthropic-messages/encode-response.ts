import type { CanonicalResponse, ResponsePart } from '../../canonical/response.ts';
import { isJsonObject } from '../json-object.ts';
import type { EncodeContext } from '../protocol.ts';
import { writeSafety } from '../safety-members.ts';
import { isOwnCitation } from './citation.ts';
import { stopReason } from './finish.ts';
import { sealCallProof, sealProof } from './proof.ts';
import { writeUsage } from './usage.ts';

/**
 * A canonical answer → JSON text of a message. A refusal becomes text that stopped with `refusal`; arguments that are
 * not a JSON object become `{}`, because the format has no place for broken ones; pictures have no block and are left out.
 */
export function encodeMessagesResponse(response: CanonicalResponse, context: EncodeContext): string {
  const content: string[] = [];
  for (const part of response.parts) {
    const block = encodeBlock(part);
    if (block !== undefined) content.push(block);
    else if (part.type === 'media') context.dropped?.push(`answer.${part.kind}`);
  }
  const { stopSequence } = response;
  const reason = stopReason(response.finish, {
    stopSequence,
    hasCalls: response.parts.some((part) => part.type === 'tool_call'),
    hasRefusal: response.parts.some((part) => part.type === 'refusal'),
  });
  const sequence = reason === 'stop_sequence' ? JSON.stringify(stopSequence) : 'null';
  return (
    `{"id":${JSON.stringify(messageId(response.id, context))},"type":"message","role":"assistant",` +
    `"model":${JSON.stringify(context.model)},"content":[${content.join(',')}],` +
    `"stop_reason":"${reason}","stop_sequence":${sequence},"usage":${writeUsage(response.usage)}${writeSafety(response.safety)}}`
  );
}

/** Ids of this format are kept; others would not be taken for a message's by those who look at them. */
export function messageId(id: string, context: EncodeContext): string {
  return id.startsWith('msg_') ? id : `msg_${context.newId()}`;
}

function encodeBlock(part: ResponsePart): string | undefined {
  switch (part.type) {
    case 'text': {
      const citations = (part.citations ?? []).filter(isOwnCitation);
      const cited = citations.length > 0 ? `,"citations":${JSON.stringify(citations)}` : '';
      return part.text === '' ? undefined : `{"type":"text","text":${JSON.stringify(part.text)}${cited}}`;
    }
    case 'refusal':
      return part.text === '' ? undefined : `{"type":"text","text":${JSON.stringify(part.text)}}`;
    case 'reasoning': {
      if (part.redacted !== undefined) return redactedThinking(sealProof(part.redacted, part));
      const signature = JSON.stringify(sealProof(part.signature, part));
      return `{"type":"thinking","thinking":${JSON.stringify(part.text)},"signature":${signature}}`;
    }
    case 'tool_call': {
      const { id, name } = part;
      const input = isObjectText(part.arguments) ? part.arguments : '{}';
      const proof = part.signature === undefined ? '' : `${writeCallProof(id, part.signature)},`;
      return `${proof}{"type":"tool_use","id":${JSON.stringify(id)},"name":${JSON.stringify(name)},"input":${input}}`;
    }
    case 'media':
      return undefined;
  }
}

/** The block ahead of a call that keeps Google's proof of it. */
export function writeCallProof(id: string, signature: string): string {
  return `{"type":"redacted_thinking","data":${JSON.stringify(sealCallProof(id, signature))}}`;
}

/** A thought without an origin can be read by nobody, now or later. */
function redactedThinking(data: string): string | undefined {
  return data === '' ? undefined : `{"type":"redacted_thinking","data":${JSON.stringify(data)}}`;
}

/** Arguments are written as the model wrote them: parsing would round large numbers. */
function isObjectText(json: string): boolean {
  try {
    return isJsonObject(JSON.parse(json));
  } catch {
    return false;
  }
}
