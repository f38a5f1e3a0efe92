// What people type for `nexus init` → choices; an `Error` says what is wrong with it.
import { nearestName } from '../core/config/index.ts';
import type { McpChoice } from './init-file.ts';
import { VENDORS } from './vendors.ts';

export function parseProviders(names: readonly string[]): string[] | Error {
  const unknown = names.find((name) => !VENDORS.has(name));
  if (unknown === undefined) return [...new Set(names)];
  const nearest = nearestName(unknown, VENDORS.keys());
  const hint = nearest === undefined ? `known are ${[...VENDORS.keys()].join(', ')}` : `did you mean '${nearest}'?`;
  return new Error(`There is no vendor '${unknown}' (${hint})`);
}

/** `name=https://…`, or `name=program and its arguments` with quotes as in a shell. */
export function parseMcp(text: string): McpChoice | Error {
  const [, name = '', value = ''] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/s.exec(text) ?? [];
  if (name === '' || value === '') return new Error(`'${text}' is not name=URL or name=command`);
  if (/^https?:\/\//i.test(value)) return { name, url: value };
  const command = words(value);
  return command instanceof Error ? command : { name, command };
}

function words(text: string): string[] | Error {
  const word = /\s*((?:"[^"]*"|'[^']*'|[^\s"'])+)/y;
  const found: string[] = [];
  while (word.lastIndex < text.length) {
    const match = word.exec(text);
    if (match === null) return new Error(`A quote is not closed in '${text}'`);
    found.push((match[1] ?? '').replaceAll(/"([^"]*)"|'([^']*)'/g, (_, double = '', single = '') => double + single));
  }
  return found;
}
