import type { JsonObject } from '../wire/json-rpc.ts';
import { isObject } from '../wire/message.ts';
import { invalidParams } from './surface.ts';

/** One tool to run, by its name towards clients. */
export interface ToolRun {
  readonly name: string;
  readonly args: JsonObject;
}

const MOST_CALLS = 32;

/** The words of a `search`. Throws -32602. */
export function readKeywords(args: unknown): readonly string[] {
  const keywords = isObject(args) ? args['keywords'] : undefined;
  if (keywords === undefined) throw invalidParams('missing field `keywords`');
  if (!Array.isArray(keywords) || !keywords.every((one) => typeof one === 'string')) {
    throw invalidParams('"keywords" must be an array of strings');
  }
  return keywords;
}

/** The calls of an `execute`, in order; `several` when it named `calls` at all. Throws -32602. */
export function readRuns(args: unknown): { readonly runs: readonly ToolRun[]; readonly several: boolean } {
  if (!isObject(args)) throw invalidParams('missing field `name`');
  const { calls } = args;
  if (calls === undefined) return { runs: [readRun(args, '')], several: false };
  if (!Array.isArray(calls)) throw invalidParams('"calls" must be an array of calls');
  const runs = calls.map((call, index) => readRun(call, `calls[${index}].`));
  if (args['name'] !== undefined && args['name'] !== '') runs.unshift(readRun(args, ''));
  if (runs.length === 0) throw invalidParams('"calls" is empty and there is no "name": nothing to run');
  if (runs.length > MOST_CALLS) throw invalidParams(`"calls" has too many calls; ${MOST_CALLS} may run at once`);
  return { runs, several: true };
}

function readRun(value: unknown, path: string): ToolRun {
  if (!isObject(value)) throw invalidParams(`"${path.slice(0, -1)}" must be an object`);
  const { name, arguments: args } = value;
  if (name === undefined) throw invalidParams(`missing field \`${path}name\``);
  if (typeof name !== 'string') throw invalidParams(`"${path}name" must be a string`);
  if (args !== undefined && args !== null && !isObject(args))
    throw invalidParams(`"${path}arguments" must be an object`);
  return { name, args: args ?? {} };
}
