import type { Capability } from '../../config/route-words.ts';
import type { JsonObject } from '../canonical/request.ts';
import { isJsonObject } from '../protocols/json-object.ts';

/** What a request wants of its model besides chat. */
export type Needs = ReadonlySet<Capability>;

/** Kinds of content parts, in all dialects. */
const PART_KINDS: ReadonlyMap<unknown, Capability> = new Map<unknown, Capability>([
  ['image_url', 'images'],
  ['input_image', 'images'],
  ['image', 'images'],
  ['input_audio', 'audio'],
  ['audio', 'audio'],
  ['file', 'pdf'],
  ['input_file', 'pdf'],
  ['document', 'pdf'],
]);

/** Read off the body as it came, whichever dialect it is in: bodies are validated and no deeper than the parser allows. */
export function needsOf(request: JsonObject): Needs {
  const needs = new Set<Capability>();
  const { tools, functions, generationConfig } = request;
  if (isFilled(tools) || isFilled(functions)) needs.add('tools');
  if (needs.has('tools') && request['parallel_tool_calls'] === true) needs.add('parallel_tools');
  if (wantsSchema(request)) needs.add('json_schema');
  if (wantsThought(request, generationConfig)) needs.add('reasoning');
  for (const name of ['messages', 'input', 'contents'] as const) collectMedia(request[name], needs);
  return needs;
}

function wantsSchema({ response_format, text, output_config, output_format, generationConfig }: JsonObject): boolean {
  for (const place of [response_format, memberOf(text, 'format'), memberOf(output_config, 'format'), output_format]) {
    if (memberOf(place, 'type') === 'json_schema') return true;
  }
  return (
    memberOf(generationConfig, 'responseSchema') !== undefined ||
    memberOf(generationConfig, 'responseJsonSchema') !== undefined
  );
}

function wantsThought({ reasoning, reasoning_effort, thinking }: JsonObject, generationConfig: unknown): boolean {
  if (typeof reasoning_effort === 'string' && reasoning_effort !== 'none') return true;
  const effort = memberOf(reasoning, 'effort');
  if (typeof effort === 'string' && effort !== 'none') return true;
  const kind = memberOf(thinking, 'type');
  if (kind === 'enabled' || kind === 'adaptive') return true;
  const budget = memberOf(memberOf(generationConfig, 'thinkingConfig'), 'thinkingBudget');
  return typeof budget === 'number' && budget !== 0;
}

function collectMedia(root: unknown, needs: Set<Capability>): void {
  const left: unknown[] = [root];
  while (left.length > 0) {
    const value = left.pop();
    if (Array.isArray(value)) for (const item of value) left.push(item);
    else if (isJsonObject(value)) {
      const kind = PART_KINDS.get(value['type']);
      if (kind !== undefined) needs.add(kind);
      collectMimeType(memberOf(value['inlineData'] ?? value['inline_data'], 'mimeType'), needs);
      collectMimeType(memberOf(value['fileData'] ?? value['file_data'], 'mimeType'), needs);
      left.push(value['content'], value['parts'], value['output']);
    }
  }
}

function collectMimeType(mimeType: unknown, needs: Set<Capability>): void {
  if (typeof mimeType !== 'string') return;
  if (mimeType.startsWith('image/')) needs.add('images');
  else if (mimeType.startsWith('audio/')) needs.add('audio');
  else if (mimeType === 'application/pdf') needs.add('pdf');
}

function memberOf(value: unknown, name: string): unknown {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
