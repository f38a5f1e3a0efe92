import {
  checkBoolean,
  checkNonEmptyString,
  checkObject,
  checkString,
  invalidField,
  isAbsent,
  optional,
} from '../field-check.ts';
import { isJsonObject } from '../json-object.ts';
import { checkCacheControl } from './validate-messages.ts';

const checkOptionalString = optional(checkString);
const checkOptionalObject = optional(checkObject);
const checkOptionalBoolean = optional(checkBoolean);

/** The caller's own tools are looked into; of those that the vendor defines only the name of the kind is read. */
export function checkTools(value: unknown, path: string): void {
  if (!Array.isArray(value)) throw invalidField(path, 'an array', value);
  for (let index = 0; index < value.length; index++) {
    const tool: unknown = value[index];
    const toolPath = `${path}[${index}]`;
    if (!isJsonObject(tool)) throw invalidField(toolPath, 'an object', tool);
    checkOptionalString(tool['type'], `${toolPath}.type`);
    checkCacheControl(tool['cache_control'], `${toolPath}.cache_control`);
    if (!isAbsent(tool['type']) && tool['type'] !== 'custom') continue;
    checkNonEmptyString(tool['name'], `${toolPath}.name`);
    checkOptionalString(tool['description'], `${toolPath}.description`);
    checkOptionalObject(tool['input_schema'], `${toolPath}.input_schema`);
    checkOptionalBoolean(tool['strict'], `${toolPath}.strict`);
  }
}

export function checkToolChoice(value: unknown, path: string): void {
  if (!isJsonObject(value)) throw invalidField(path, 'an object', value);
  checkNonEmptyString(value['type'], `${path}.type`);
  if (value['type'] === 'tool') checkNonEmptyString(value['name'], `${path}.name`);
  checkOptionalBoolean(value['disable_parallel_tool_use'], `${path}.disable_parallel_tool_use`);
}
