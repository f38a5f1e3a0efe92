// What Google's generateContent refuses with a 400, as far as a router can get it wrong.
import type { FakeError } from './fake-rule.ts';
import { isObject, listOf, member } from './json-value.ts';

/** Members of GenerateContentRequest in Google's published discovery document, in both spellings it takes. */
const MEMBERS: ReadonlySet<string> = new Set(
  `cachedContent contents generationConfig model safetySettings serviceTier store systemInstruction toolConfig tools
   cached_content generation_config safety_settings service_tier system_instruction tool_config`.split(/\s+/),
);

function refuse(message: string): FakeError {
  return { status: 400, message };
}

function count(content: unknown, kind: 'functionCall' | 'functionResponse'): number {
  return listOf(member(content, 'parts')).filter((part) => member(part, kind) !== undefined).length;
}

/** The results of the calls in one turn are in the next turn, all of them. Neighbours of one role are one turn. */
function refuseToolOrder(contents: readonly unknown[]): FakeError | undefined {
  let calls = 0;
  let results = 0;
  let speaker: unknown;
  for (const content of [...contents, { role: 'model' }]) {
    const role = member(content, 'role') === 'model' ? 'model' : 'user';
    if (role === 'model' && speaker === 'user' && results !== calls) {
      const text = 'the number of function response parts is equal to the number of function call parts';
      return refuse(`Please ensure that ${text} of the function call turn.`);
    }
    if (role !== speaker) {
      if (role === 'model') calls = 0;
      else results = 0;
    }
    calls += count(content, 'functionCall');
    results += count(content, 'functionResponse');
    speaker = role;
  }
  return undefined;
}

/** Why the vendor would refuse this body; undefined where it would not. */
export function refuseGoogle(body: unknown): FakeError | undefined {
  if (!isObject(body)) return refuse('Invalid JSON payload received. Unexpected end of string.');
  const unknown = Object.keys(body).find((name) => !MEMBERS.has(name));
  if (unknown !== undefined)
    return refuse(`Invalid JSON payload received. Unknown name "${unknown}": Cannot find field.`);
  const contents = body['contents'];
  if (!Array.isArray(contents) || contents.length === 0) {
    return refuse('* GenerateContentRequest.contents: contents is not specified');
  }
  for (const [index, content] of contents.entries()) {
    const role = member(content, 'role');
    if (role !== undefined && role !== 'user' && role !== 'model' && role !== 'function') {
      return refuse('Please use a valid role: user, model.');
    }
    if (listOf(member(content, 'parts')).length === 0) {
      return refuse(`* GenerateContentRequest.contents[${index}].parts: contents.parts must not be empty.`);
    }
  }
  return refuseToolOrder(contents);
}
