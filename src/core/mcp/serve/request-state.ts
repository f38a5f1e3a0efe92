import { Buffer } from 'node:buffer';
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { JsonObject } from '../wire/json-rpc.ts';
import { isObject } from '../wire/message.ts';

/** What is kept with the client between a question and its answer. */
export type KeptState =
  /** The state of a server that keeps none itself. */
  | { readonly kind: 'upstream'; readonly state: string }
  /** The number of a call that waits here. */
  | { readonly kind: 'parked'; readonly id: string };

/** What a state belongs to; it is worth nothing anywhere else. */
export interface StateBinding {
  readonly surface: string;
  readonly principal: string;
  readonly method: string;
  readonly params: JsonObject;
}

const LIFETIME_MS = 10 * 60_000;
const LONGEST = 1024 * 1024;

/**
 * Signs what a client carries for us, and reads it back only for the same principal, method and parameters, within ten
 * minutes. It is signed, not secret.
 */
export class StateSeal {
  readonly #key: Uint8Array;
  readonly #now: () => number;

  /** Replicas that share a secret read each other's states. Default: a secret of this process. */
  constructor(now: () => number, secret?: string) {
    this.#now = now;
    this.#key =
      secret === undefined ? randomBytes(32) : createHmac('sha256', 'mcp request state').update(secret).digest();
  }

  seal(kept: KeptState, binding: StateBinding): string {
    const expires = this.#now() + LIFETIME_MS;
    const value = kept.kind === 'upstream' ? { u: kept.state, e: expires } : { p: kept.id, e: expires };
    const body = Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${body}.${this.#mac(body, binding)}`;
  }

  /** Undefined for a state that is not ours, was changed, belongs to another call, or is too old. */
  open(token: unknown, binding: StateBinding): KeptState | undefined {
    if (typeof token !== 'string' || token.length > LONGEST) return undefined;
    const dot = token.indexOf('.');
    if (dot < 0) return undefined;
    const body = token.slice(0, dot);
    // Texts are compared, not what they decode to: one signature has one spelling.
    const expected = Buffer.from(this.#mac(body, binding));
    const given = Buffer.from(token.slice(dot + 1));
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    // The signature says that we wrote it.
    const value: unknown = JSON.parse(Buffer.from(body, 'base64url').toString());
    if (!isObject(value) || typeof value['e'] !== 'number' || value['e'] < this.#now()) return undefined;
    if (typeof value['u'] === 'string') return { kind: 'upstream', state: value['u'] };
    return typeof value['p'] === 'string' ? { kind: 'parked', id: value['p'] } : undefined;
  }

  #mac(body: string, { surface, principal, method, params }: StateBinding): string {
    return createHmac('sha256', this.#key)
      .update(JSON.stringify([body, surface, principal, method]))
      .update(sortedText(withoutAnswers(params)))
      .digest('base64url');
  }
}

/** The members that a repeated call brings besides those it repeats. */
function withoutAnswers(params: JsonObject): JsonObject {
  const { inputResponses: _answers, requestState: _state, _meta, ...asked } = params;
  return asked;
}

/** JSON with its members in order: a client may write the same call another way round. Input is nested at most 128 levels. */
function sortedText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedText).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${sortedText(value[key])}`);
  return `{${members.join(',')}}`;
}
