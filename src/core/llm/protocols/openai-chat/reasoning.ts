import type { Origin, ReasoningPart } from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';

/*
 * `reasoning_details`, the de-facto extension for thoughts that are proven or sealed: `reasoning.text` (text and
 * signature), `reasoning.encrypted` (data), `reasoning.summary`. `format` says whose they are: Nexus writes the bare
 * origin, OpenRouter names that begin with it (`anthropic-claude-v1`).
 */

/**
 * JSON text of the entry that proves or seals a thought; `undefined` for a thought that is neither, which needs none. A
 * sealed thought of which something may be read (OpenAI's summaries) is two entries with one id.
 */
export function reasoningDetail(part: Omit<ReasoningPart, 'type'>): string | undefined {
  const { text, signature, redacted, origin, id } = part;
  const proof =
    redacted !== undefined
      ? `"type":"reasoning.encrypted","data":${JSON.stringify(redacted)}`
      : signature !== undefined
        ? `"type":"reasoning.text","text":${JSON.stringify(text)},"signature":${JSON.stringify(signature)}`
        : undefined;
  if (proof === undefined) return undefined;
  const format = origin === undefined ? '' : `,"format":"${origin}"`;
  const owner = `${format}${id === undefined ? '' : `,"id":${JSON.stringify(id)}`}`;
  const entry = `{${proof}${owner}}`;
  if (redacted === undefined || text === '' || id === undefined) return entry;
  return `{"type":"reasoning.summary","summary":${JSON.stringify(text)}${owner}},${entry}`;
}

/** Reads the entries, in order. Entries of no known kind, and empty ones, are left out. */
export function readReasoningDetails(details: unknown): ReasoningPart[] {
  if (!Array.isArray(details)) return [];
  const parts: ReasoningPart[] = [];
  /** The id of the summary that is the last of `parts`. */
  let summaryId: string | undefined;
  for (const detail of details) {
    if (!isJsonObject(detail)) continue;
    const { type } = detail;
    const origin = originOf(detail['format']);
    const id = nonEmpty(detail['id']);
    const owner = { ...(origin !== undefined && { origin }), ...(id !== undefined && { id }) };
    if (type === 'reasoning.encrypted') {
      const redacted = nonEmpty(detail['data']);
      if (redacted === undefined) continue;
      const text = id !== undefined && id === summaryId ? (parts.pop()?.text ?? '') : '';
      parts.push({ type: 'reasoning', text, redacted, ...owner });
      summaryId = undefined;
      continue;
    }
    const text = nonEmpty(type === 'reasoning.summary' ? detail['summary'] : detail['text']) ?? '';
    const signature = type === 'reasoning.text' ? nonEmpty(detail['signature']) : undefined;
    if (signature === undefined && text === '') continue;
    parts.push(
      signature === undefined ? { type: 'reasoning', text } : { type: 'reasoning', text, signature, ...owner },
    );
    summaryId = type === 'reasoning.summary' ? id : undefined;
  }
  return parts;
}

/** The plain text of a thought, under either of the names that hosts use. */
export function reasoningText(holder: { readonly [member: string]: unknown }): string {
  return nonEmpty(holder['reasoning_content']) ?? nonEmpty(holder['reasoning']) ?? '';
}

/** Google's proof of a thought, on a message or on one of its calls. */
export function thoughtSignature(holder: { readonly [member: string]: unknown }): string | undefined {
  const extra = holder['extra_content'];
  const google = isJsonObject(extra) ? extra['google'] : undefined;
  return isJsonObject(google) ? nonEmpty(google['thought_signature']) : undefined;
}

function originOf(format: unknown): Origin | undefined {
  if (typeof format !== 'string') return undefined;
  const [owner] = format.split('-', 1);
  return owner === 'openai' || owner === 'anthropic' || owner === 'google' ? owner : undefined;
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
