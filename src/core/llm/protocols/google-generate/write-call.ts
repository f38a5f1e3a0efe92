import { isJsonObject } from '../json-object.ts';

/** What a call needs to become a part. */
export interface WholeCall {
  readonly id: string;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
  readonly signature?: string;
}

/** JSON text of a functionCall part, without line breaks; `undefined` when the arguments are not a JSON object. */
export function writeCallPart({ id, name, arguments: json, signature }: WholeCall): string | undefined {
  const args = objectText(json);
  if (args === undefined) return undefined;
  const idMember = id === '' ? '' : `"id":${JSON.stringify(id)},`;
  const proof = signature === undefined ? '' : `,"thoughtSignature":${JSON.stringify(signature)}`;
  return `{"functionCall":{${idMember}"name":${JSON.stringify(name)},"args":${args}}${proof}}`;
}

/** The model's own text where it can stay, so that no digit of a number changes. */
function objectText(json: string): string | undefined {
  if (json.trim() === '') return '{}';
  try {
    const value: unknown = JSON.parse(json);
    if (!isJsonObject(value)) return undefined;
    return /[\r\n]/.test(json) ? JSON.stringify(value) : json;
  } catch {
    return undefined;
  }
}
