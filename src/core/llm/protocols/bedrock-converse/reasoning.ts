import { Buffer } from 'node:buffer';
import type { Origin, ReasoningPart } from '../../canonical/request.ts';
import { type ModelFamily, modelFamily } from './model-family.ts';
import type { ReasoningBlock } from './wire.ts';

/**
 * Whose proof a thought from this model is. Claude signs at Amazon as it does at home, and either takes the other's
 * signatures; whether it is Claude is read off the model's id. What other models think has no proof anybody takes.
 */
export function proofOrigin(model: string | undefined): Origin | undefined {
  return model !== undefined && modelFamily(model) === 'anthropic' ? 'anthropic' : undefined;
}

/** A thought that the model itself proved goes back to it; all others stay away. */
export function encodeThought(part: ReasoningPart, family: ModelFamily): ReasoningBlock | undefined {
  if (family !== 'anthropic' || part.origin !== 'anthropic') return undefined;
  if (part.redacted !== undefined) return { reasoningContent: { redactedContent: wrapRedacted(part.redacted) } };
  if (part.signature === undefined) return undefined;
  return { reasoningContent: { reasoningText: { text: part.text, signature: part.signature } } };
}

/**
 * `redactedContent` is bytes, base64 in JSON; the bytes are the text that Anthropic calls `data`. Read as Latin-1, any
 * bytes come back as they were.
 */
export function unwrapRedacted(content: string): string {
  return Buffer.from(content, 'base64').toString('latin1');
}

function wrapRedacted(data: string): string {
  return Buffer.from(data, 'latin1').toString('base64');
}
