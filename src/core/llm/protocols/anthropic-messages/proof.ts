import { Buffer } from 'node:buffer';
import type { Origin, ReasoningPart } from '../../canonical/request.ts';

/*
 * This format keeps one opaque text per thought (`signature`, or `data` of a redacted one), and clients send it back as
 * it came. A proof that another vendor minted must never be taken for Anthropic's, so on its way to the client it gets
 * a prefix that names its origin and its item, and loses it on the way back: `nexus:<origin>:<item id>:<proof>`.
 */

const PREFIX = 'nexus:';
const ORIGINS: ReadonlyMap<string, Origin> = new Map<string, Origin>([
  ['openai', 'openai'],
  ['anthropic', 'anthropic'],
  ['google', 'google'],
]);

export interface Proof {
  readonly value: string;
  readonly origin?: Origin;
  readonly id?: string;
}

/** What the client gets to see. A proof of unknown origin is useless to everyone and stays here. */
export function sealProof(proof: string | undefined, { origin, id }: Pick<ReasoningPart, 'origin' | 'id'>): string {
  if (proof === undefined || origin === undefined) return '';
  return origin === 'anthropic' ? proof : `${PREFIX}${origin}:${id ?? ''}:${proof}`;
}

/**
 * Google's proof of the thought behind a call. Calls have no place for it here, so it goes ahead of its call as a
 * redacted thought whose item is the call. Clients send those back as they came.
 */
export function sealCallProof(callId: string, signature: string): string {
  return `${PREFIX}google:${Buffer.from(callId).toString('base64url')}:${signature}`;
}

/** The call that an opened proof stands for; `undefined` for the proof of a thought. */
export function provenCall({ origin, id }: Proof): string | undefined {
  return origin === 'google' && id !== undefined ? Buffer.from(id, 'base64url').toString() : undefined;
}

/** `undefined` for an empty text, which proves nothing. */
export function openProof(sealed: string | undefined): Proof | undefined {
  if (sealed === undefined || sealed === '') return undefined;
  if (!isForeignProof(sealed)) return { value: sealed, origin: 'anthropic' };
  const originEnd = sealed.indexOf(':', PREFIX.length);
  const idEnd = sealed.indexOf(':', originEnd + 1);
  const origin = ORIGINS.get(sealed.slice(PREFIX.length, originEnd));
  if (originEnd < 0 || idEnd < 0 || origin === undefined) return undefined;
  const id = sealed.slice(originEnd + 1, idEnd);
  return { value: sealed.slice(idEnd + 1), origin, ...(id !== '' && { id }) };
}

export function isForeignProof(sealed: string): boolean {
  return sealed.startsWith(PREFIX);
}
