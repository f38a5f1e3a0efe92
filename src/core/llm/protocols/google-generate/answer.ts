import { NexusError } from '../../../errors/nexus-error.ts';
import type { TokenLogprob } from '../../canonical/logprobs.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { SafetyReport } from '../../canonical/safety.ts';
import { isJsonObject } from '../json-object.ts';
import { unreadable } from './error.ts';
import { readLogprobs } from './logprobs.ts';
import { readSafety } from './safety.ts';

/** What one GenerateContentResponse says; a stream is a row of them. */
export interface Answer {
  readonly parts: readonly unknown[];
  /** A name, or a number from hosts asked for numeric enums; `undefined` while the answer goes on. */
  readonly finishReason: unknown;
  readonly blockReason: unknown;
  readonly hasCandidate: boolean;
  readonly safety: SafetyReport | undefined;
  /** Tokens of the text; empty unless they were asked for. */
  readonly logprobs: readonly TokenLogprob[];
}

/** Reads the first candidate; further ones are answers nobody asked for. Throws `upstream_invalid`. */
export function readAnswer(body: JsonObject): Answer {
  const { candidates, promptFeedback } = body;
  const blockReason = isJsonObject(promptFeedback) ? promptFeedback['blockReason'] : undefined;
  if (candidates !== undefined && !Array.isArray(candidates)) throw unreadable('candidates that are not a list');
  const candidate: unknown = candidates?.[0];
  if (candidate === undefined) {
    const safety = readSafety(promptFeedback, undefined);
    return { parts: [], finishReason: undefined, blockReason, hasCandidate: false, safety, logprobs: [] };
  }
  if (!isJsonObject(candidate)) throw unreadable('a candidate that is not an object');
  const { content, finishReason } = candidate;
  const parts = isJsonObject(content) ? (content['parts'] ?? []) : [];
  if (!Array.isArray(parts)) throw unreadable('content without a list of parts');
  const safety = readSafety(promptFeedback, candidate);
  const logprobs = readLogprobs(candidate['logprobsResult']);
  return { parts, finishReason, blockReason, hasCandidate: true, safety, logprobs };
}

export interface AnswerCall {
  readonly id: string | undefined;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

/** Throws `upstream_invalid` for a call that cannot be made. */
export function readCall(call: unknown): AnswerCall {
  if (!isJsonObject(call)) throw unreadable('a functionCall that is not an object');
  const { id, name, args } = call;
  if (typeof name !== 'string' || name === '') throw unreadable('a functionCall without a name');
  if (args !== undefined && args !== null && !isJsonObject(args)) throw unreadable('arguments that are not an object');
  return { id: typeof id === 'string' && id !== '' ? id : undefined, name, arguments: argumentsText(args ?? {}) };
}

function argumentsText(args: JsonObject): string {
  try {
    return JSON.stringify(args);
  } catch (cause) {
    throw unreadable('arguments that are nested too deeply', cause);
  }
}

export function signatureOf(part: JsonObject): string | undefined {
  const signature = part['thoughtSignature'] ?? part['thought_signature'];
  return typeof signature === 'string' && signature !== '' ? signature : undefined;
}

/** The model reached for a tool and failed, and there is nothing else to hand on. */
export function failedCall(reason: unknown): NexusError {
  const message = "The provider's model failed to call a tool and gave no answer";
  return new NexusError('upstream_invalid', message, { ...(typeof reason === 'string' && { upstreamCode: reason }) });
}
