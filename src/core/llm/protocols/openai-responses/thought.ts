import { Buffer } from 'node:buffer';
import type { JsonObject, Origin, ReasoningPart } from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';
import type { InputItem } from './wire.ts';

/*
 * A reasoning item has one opaque member, `encrypted_content`, which clients store and send back as it is. OpenAI's own
 * is base64 and passes unchanged. What other vendors need back travels in it as `<origin>:<base64url of JSON>`; a colon
 * never stands in base64, so the two cannot be confused.
 */

/** What OpenAI has not minted, and so must never receive. */
const FOREIGN_ID = 'rs_nexus_';
const SEALED = /^(openai|anthropic|google):([\w-]+)$/;

/** Google's proof of the thought behind a call; call items have no place for it, so it goes ahead of them. */
export interface CallProof {
  readonly type: 'call_proof';
  readonly callId: string;
  readonly signature: string;
}

export function thoughtId(newId: () => string): string {
  return FOREIGN_ID + newId();
}

/** `encrypted_content` for a thought; `undefined` where there is no proof, or nobody who could check it. */
export function sealThought(part: Omit<ReasoningPart, 'type'>): string | undefined {
  const { origin, redacted, signature, text } = part;
  if (origin === undefined || (redacted === undefined && signature === undefined)) return undefined;
  if (origin === 'openai' && redacted !== undefined && signature === undefined) return redacted;
  return seal(origin, { text, signature, redacted });
}

export function sealCallProof(callId: string, signature: string): string {
  return seal('google', { callId, signature });
}

function seal(origin: Origin, content: JsonObject): string {
  return `${origin}:${Buffer.from(JSON.stringify(content)).toString('base64url')}`;
}

/** A reasoning item → the thought as its vendor wrote it. A seal that cannot be read counts as absent. */
export function openThought(item: InputItem): ReasoningPart | CallProof {
  const { id } = item;
  const encrypted = item.encrypted_content || undefined;
  const text = visibleText(item);
  const own = id?.startsWith(FOREIGN_ID) !== true;
  const base = { type: 'reasoning', text, ...(own && id && { id }) } as const;
  if (encrypted === undefined) return own ? { ...base, origin: 'openai' } : base;
  const [, origin, sealed] = SEALED.exec(encrypted) ?? [];
  if (sealed === undefined) return { ...base, redacted: encrypted, origin: 'openai' };
  const content = unseal(sealed);
  const signature = stringOf(content['signature']);
  const redacted = stringOf(content['redacted']);
  const callId = stringOf(content['callId']);
  if (callId !== undefined && signature !== undefined) return { type: 'call_proof', callId, signature };
  if (signature === undefined && redacted === undefined) return base;
  return {
    ...base,
    text: stringOf(content['text']) ?? text,
    ...(signature !== undefined && { signature }),
    ...(redacted !== undefined && { redacted }),
    origin: origin as Origin,
  };
}

/** Whether an item of a conversation is a thought that another vendor had, or that Nexus named. */
export function isForeignThought(item: unknown): boolean {
  if (!isJsonObject(item) || item['type'] !== 'reasoning') return false;
  const { encrypted_content: encrypted, id } = item;
  if (typeof encrypted === 'string') return SEALED.test(encrypted);
  return typeof id === 'string' && id.startsWith(FOREIGN_ID);
}

/** The summary; hosts that show the thought itself have it in `content`. */
function visibleText(item: InputItem): string {
  const summary = (item.summary ?? []).map((part) => part.text).join('\n\n');
  if (summary !== '' || !Array.isArray(item.content)) return summary;
  return item.content.map((part) => part.text ?? '').join('');
}

function unseal(sealed: string): JsonObject {
  try {
    const content: unknown = JSON.parse(Buffer.from(sealed, 'base64url').toString());
    return isJsonObject(content) ? content : {};
  } catch {
    return {};
  }
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
