import { checkNonEmptyString, checkOptionalString, checkString, invalidField } from '../field-check.ts';
import { isJsonObject } from '../json-object.ts';

/** Functions and custom tools are looked into; of every other kind only the name of the kind is read. */
export function checkTools(value: unknown, path: string): void {
  if (!Array.isArray(value)) throw invalidField(path, 'an array', value);
  for (let index = 0; index < value.length; index++) {
    const tool: unknown = value[index];
    const toolPath = `${path}[${index}]`;
    if (!isJsonObject(tool)) throw invalidField(toolPath, 'an object', tool);
    checkOptionalString(tool['type'], `${toolPath}.type`);
    // Mistral's own client leaves `type` out.
    const type = tool['type'] ?? 'function';
    if (type === 'function') checkFunction(tool['function'], `${toolPath}.function`);
    else if (type === 'custom') checkCustom(tool['custom'], `${toolPath}.custom`);
  }
}

function checkCustom(value: unknown, path: string): void {
  if (!isJsonObject(value)) throw invalidField(path, 'an object', value);
  checkNonEmptyString(value['name'], `${path}.name`);
  checkOptionalString(value['description'], `${path}.description`);
  const { format } = value;
  if (format === undefined || format === null) return;
  if (!isJsonObject(format)) throw invalidField(`${path}.format`, 'an object', format);
  if (format['type'] !== 'grammar') return;
  const { grammar } = format;
  if (!isJsonObject(grammar)) throw invalidField(`${path}.format.grammar`, 'an object', grammar);
  checkString(grammar['syntax'], `${path}.format.grammar.syntax`);
  checkString(grammar['definition'], `${path}.format.grammar.definition`);
}

/** The older form: functions without the wrapper. */
export function checkFunctions(value: unknown, path: string): void {
  if (!Array.isArray(value)) throw invalidField(path, 'an array', value);
  for (let index = 0; index < value.length; index++) checkFunction(value[index], `${path}[${index}]`);
}

function checkFunction(value: unknown, path: string): void {
  if (!isJsonObject(value)) throw invalidField(path, 'an object', value);
  checkNonEmptyString(value['name'], `${path}.name`);
  checkOptionalString(value['description'], `${path}.description`);
  const { parameters, strict } = value;
  if (parameters !== undefined && parameters !== null && !isJsonObject(parameters)) {
    throw invalidField(`${path}.parameters`, 'an object', parameters);
  }
  if (strict !== undefined && strict !== null && typeof strict !== 'boolean') {
    throw invalidField(`${path}.strict`, 'a boolean', strict);
  }
}

/** `auto`, `none`, `required`, or an object that names a function. */
export function checkToolChoice(value: unknown, path: string): void {
  if (typeof value === 'string') return;
  if (!isJsonObject(value)) throw invalidField(path, 'a string or an object', value);
  checkNonEmptyString(value['type'], `${path}.type`);
  if (value['type'] !== 'function') return;
  const named = value['function'];
  if (!isJsonObject(named)) throw invalidField(`${path}.function`, 'an object', named);
  checkNonEmptyString(named['name'], `${path}.function.name`);
}

/** The older form of the choice: `auto`, `none`, or `{name}`. */
export function checkFunctionChoice(value: unknown, path: string): void {
  if (typeof value === 'string') return;
  if (!isJsonObject(value)) throw invalidField(path, 'a string or an object', value);
  checkNonEmptyString(value['name'], `${path}.name`);
}
