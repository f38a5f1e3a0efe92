import {
  checkBoolean,
  checkNonEmptyString,
  checkObject,
  checkOptional,
  checkString,
  invalidField,
} from '../field-check.ts';
import { isJsonObject } from '../json-object.ts';

/** Functions, custom tools and namespaces are looked into; of every other kind only the name of the kind is read. */
export function checkTools(value: unknown, path: string): void {
  if (!Array.isArray(value)) throw invalidField(path, 'an array', value);
  for (let index = 0; index < value.length; index++) {
    const tool: unknown = value[index];
    const toolPath = `${path}[${index}]`;
    if (!isJsonObject(tool)) throw invalidField(toolPath, 'an object', tool);
    checkNonEmptyString(tool['type'], `${toolPath}.type`);
    if (tool['type'] === 'custom') {
      checkNonEmptyString(tool['name'], `${toolPath}.name`);
      checkOptional(checkString, tool['description'], `${toolPath}.description`);
      checkOptional(checkObject, tool['format'], `${toolPath}.format`);
    } else if (tool['type'] === 'namespace') {
      checkNonEmptyString(tool['name'], `${toolPath}.name`);
      checkTools(tool['tools'], `${toolPath}.tools`);
    }
    if (tool['type'] !== 'function') continue;
    checkNonEmptyString(tool['name'], `${toolPath}.name`);
    checkOptional(checkString, tool['description'], `${toolPath}.description`);
    checkOptional(checkObject, tool['parameters'], `${toolPath}.parameters`);
    checkOptional(checkBoolean, tool['strict'], `${toolPath}.strict`);
  }
}

/** `auto`, `none`, `required`, or an object that names a function, a set of tools, or a tool of the vendor. */
export function checkToolChoice(value: unknown, path: string): void {
  if (typeof value === 'string') return;
  if (!isJsonObject(value)) throw invalidField(path, 'a string or an object', value);
  checkNonEmptyString(value['type'], `${path}.type`);
  if (value['type'] === 'function') checkNonEmptyString(value['name'], `${path}.name`);
  if (value['type'] !== 'allowed_tools') return;
  checkString(value['mode'], `${path}.mode`);
  const { tools } = value;
  if (!Array.isArray(tools)) throw invalidField(`${path}.tools`, 'an array', tools);
  for (const [index, tool] of tools.entries()) checkObject(tool, `${path}.tools[${index}]`);
}

export function checkText(value: unknown, path: string): void {
  if (!isJsonObject(value)) throw invalidField(path, 'an object', value);
  checkOptional(checkString, value['verbosity'], `${path}.verbosity`);
  const { format } = value;
  if (format === undefined || format === null) return;
  if (!isJsonObject(format)) throw invalidField(`${path}.format`, 'an object', format);
  checkNonEmptyString(format['type'], `${path}.format.type`);
  if (format['type'] !== 'json_schema') return;
  checkObject(format['schema'], `${path}.format.schema`);
  checkOptional(checkString, format['name'], `${path}.format.name`);
  checkOptional(checkString, format['description'], `${path}.format.description`);
  checkOptional(checkBoolean, format['strict'], `${path}.format.strict`);
}

export function checkReasoning(value: unknown, path: string): void {
  if (!isJsonObject(value)) throw invalidField(path, 'an object', value);
  checkOptional(checkString, value['effort'], `${path}.effort`);
  checkOptional(checkString, value['summary'], `${path}.summary`);
  checkOptional(checkString, value['generate_summary'], `${path}.generate_summary`);
}
