import type { JsonObject, Origin, ReasoningPart } from '../../canonical/request.ts';
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
  const entries = reasoningEntries(part, part.origin);
  return entries.length === 0 ? undefined : entries.map((entry) => JSON.stringify(entry)).join(',');
}

/** OpenRouter's names for whose thoughts they are. Source: recorded answers. */
const OPENROUTER_FORMATS: Readonly<Record<Origin, string>> = {
  anthropic: 'anthropic-claude-v1',
  google: 'google-gemini-v1',
  openai: 'openai-responses-v1',
};

/** The entries as OpenRouter takes them back; none for a thought that is not proven, or of an unknown vendor. */
export function openRouterEntries(part: ReasoningPart): JsonObject[] {
  return part.origin === undefined ? [] : reasoningEntries(part, OPENROUTER_FORMATS[part.origin]);
}

function reasoningEntries(part: Omit<ReasoningPart, 'type'>, format: string | undefined): JsonObject[] {
  const { text, signature, redacted, id } = part;
  const owner = { ...(format !== undefined && { format }), ...(id !== undefined && { id }) };
  if (redacted === undefined) {
    return signature === undefined ? [] : [{ type: 'reasoning.text', text, signature, ...owner }];
  }
  const sealed = { type: 'reasoning.encrypted', data: redacted, ...owner };
  if (text === '' || id === undefined) return [sealed];
  return [{ type: 'reasoning.summary', summary: text, ...owner }, sealed];
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
