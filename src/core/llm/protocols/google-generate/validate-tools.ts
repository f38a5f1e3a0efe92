import {
  checkNonEmptyString,
  checkOptionalObject,
  checkOptionalString,
  checkStrings,
  invalidField,
} from '../field-check.ts';
import { isJsonObject } from '../json-object.ts';
import { listOf, member } from './member.ts';

/** Function declarations are looked into; of every other kind of tool nothing is read. */
export function checkTools(value: unknown, path: string): void {
  if (typeof value !== 'object') throw invalidField(path, 'an array', value);
  for (const [index, tool] of listOf(value).entries()) {
    const toolPath = `${path}[${index}]`;
    if (!isJsonObject(tool)) throw invalidField(toolPath, 'an object', tool);
    for (const [at, declaration] of listOf(member(tool, 'functionDeclarations')).entries()) {
      checkDeclaration(declaration, `${toolPath}.functionDeclarations[${at}]`);
    }
  }
}

function checkDeclaration(declaration: unknown, path: string): void {
  if (!isJsonObject(declaration)) throw invalidField(path, 'an object', declaration);
  checkNonEmptyString(declaration['name'], `${path}.name`);
  checkOptionalString(declaration['description'] ?? undefined, `${path}.description`);
  checkOptionalObject(declaration['parameters'] ?? undefined, `${path}.parameters`);
  checkOptionalObject(member(declaration, 'parametersJsonSchema'), `${path}.parametersJsonSchema`);
}

export function checkToolConfig(value: unknown, path: string): void {
  if (!isJsonObject(value)) throw invalidField(path, 'an object', value);
  const calling = member(value, 'functionCallingConfig');
  if (calling === undefined) return;
  const callingPath = `${path}.functionCallingConfig`;
  if (!isJsonObject(calling)) throw invalidField(callingPath, 'an object', calling);
  checkOptionalString(calling['mode'] ?? undefined, `${callingPath}.mode`);
  const names = member(calling, 'allowedFunctionNames');
  if (names !== undefined) checkStrings(names, `${callingPath}.allowedFunctionNames`);
}
