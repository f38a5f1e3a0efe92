import { MEDIA_TOKENS } from './estimate.ts';
import { TextMeter } from './text-meter.ts';

/**
 * Members of a request, in any dialect, that the model reads. What stands beside them (sampling, caching, metadata) costs
 * nothing.
 */
const READ_MEMBERS: ReadonlySet<string> = new Set([
  'messages',
  'system',
  'tools',
  'functions',
  'input',
  'instructions',
  'prompt',
  'contents',
  'systemInstruction',
  'system_instruction',
  'toolConfig',
  'response_format',
  'outputConfig',
  'inputText',
  'texts',
  'requests',
]);

/** Members that hold media or say where they are; what they hold counts as one piece unless it reads like a text. */
const MEDIA_MEMBERS: ReadonlySet<string> = new Set([
  'data',
  'url',
  'image_url',
  'file_data',
  'file_url',
  'file_id',
  'fileUri',
  'bytes',
]);
const MEDIA = /^(?:data:|https?:|file-|s3:|gs:|[A-Za-z0-9+/_-]{40})/;
/** What the vendor takes back unread, at no cost that is known. */
const UNREAD: ReadonlySet<string> = new Set(['signature', 'thoughtSignature', 'encrypted_content', 'redactedContent']);

/**
 * Input tokens of a request as it was sent, in any dialect, about: all texts the model reads and the names around them,
 * and a flat rate for each piece of media. Linear in the size of the body; what is no JSON object counts as text.
 */
export function estimateBody(body: string): number {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return estimateRequest(value);
  const meter = new BodyMeter();
  meter.text(body);
  return meter.tokens;
}

/** The same of a request that is parsed already. */
export function estimateRequest(request: object): number {
  const meter = new BodyMeter();
  for (const [name, member] of Object.entries(request)) if (READ_MEMBERS.has(name)) meter.value(member);
  return meter.tokens;
}

class BodyMeter {
  readonly #meter = new TextMeter();
  #media = 0;

  get tokens(): number {
    return this.#meter.tokens + this.#media * MEDIA_TOKENS;
  }

  text(text: string): void {
    this.#meter.add(text);
    this.#meter.close();
  }

  /** Bodies are as deep as the parser lets them be: a list of what is left instead of recursion. */
  value(root: unknown): void {
    const left: unknown[] = [root];
    while (left.length > 0) {
      const value = left.pop();
      if (typeof value === 'string') this.text(value);
      else if (typeof value === 'number') this.text(String(value));
      else if (Array.isArray(value)) for (const item of value) left.push(item);
      else if (typeof value === 'object' && value !== null) {
        for (const [name, member] of Object.entries(value)) {
          if (UNREAD.has(name)) continue;
          if (MEDIA_MEMBERS.has(name) && typeof member === 'string' && MEDIA.test(member)) {
            this.#media++;
            continue;
          }
          this.text(name);
          left.push(member);
        }
      }
    }
  }
}
