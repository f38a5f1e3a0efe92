import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { expandEnv, parseConfig, parseToml } from '../core/config/index.ts';
import type { InitInvocation } from './arguments.ts';
import { columns } from './columns.ts';
import { type Console, INTERRUPTED } from './console.ts';
import { configText, type InitChoices, type McpChoice } from './init-file.ts';
import { parseMcp, parseProviders } from './init-options.ts';
import { askChoices } from './init-questions.ts';
import { reportProblems } from './report.ts';
import { foundKeys, VENDORS } from './vendors.ts';

type Choices = Omit<InitChoices, 'schema'>;

const SCHEMA = 'node_modules/nexus-ai/schema/nexus.schema.json';

/** `nexus init`: writes a configuration that is valid and starts. Returns the exit status. */
export async function runInit(asked: InitInvocation, console: Console): Promise<number> {
  const { config: file, force } = asked;
  if (!force && existsSync(file)) return refuse(console, `${file} exists; --force replaces it`, 1);
  const { terminal } = console;
  const choices =
    terminal === undefined || saysWhat(asked) ? chosen(asked, console) : await askChoices(terminal, console.env);
  if (choices instanceof Error) return refuse(console, choices.message, 2);
  if (choices === undefined) return INTERRUPTED;
  const text = configText({ ...choices, schema: schemaFrom(file) }, console.env);
  try {
    parseConfig(expandEnv(parseToml(text), console.env));
  } catch (error) {
    // What was typed can be wrong in ways that only the schema knows.
    reportProblems(error, file, console.stderr);
    return 1;
  }
  try {
    mkdirSync(dirname(resolve(file)), { recursive: true });
    writeFileSync(file, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    return refuse(console, `${file} cannot be written (${code})`, 1);
  }
  console.stdout.write(nextSteps(file, choices, console.env));
  return 0;
}

/** Whether options say what is wanted, so that nothing need be asked. */
function saysWhat({ yes, providers, mcp, limits, oauth, demo }: InitInvocation): boolean {
  return yes || demo || providers.length + mcp.length > 0 || limits !== undefined || oauth !== undefined;
}

function chosen({ demo, limits, mcp, oauth, providers: named }: InitInvocation, { env }: Console): Choices | Error {
  if (limits !== undefined && limits !== 'memory' && limits !== 'redis')
    return new Error(`--limits takes memory or redis, not '${limits}'`);
  const servers: McpChoice[] = [];
  for (const text of mcp) {
    const server = parseMcp(text);
    if (server instanceof Error) return new Error(`--mcp: ${server.message}`);
    servers.push(server);
  }
  const providers = named.length > 0 ? parseProviders(named) : foundKeys(env).map(({ vendor }) => vendor);
  if (providers instanceof Error) return providers;
  // Somebody who has no key yet shall see it answer all the same.
  const nobody = providers.length === 0;
  return {
    providers: nobody ? ['openai', 'anthropic'] : providers,
    mcp: servers,
    limits,
    oauth,
    demo: demo || nobody,
  };
}

/** Where the schema is, as seen from the file: in the nearest installation of the package, or where one is expected. */
function schemaFrom(file: string): string {
  const start = dirname(resolve(file));
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, SCHEMA))) {
      const path = relative(start, join(folder, SCHEMA)).split(sep).join('/');
      return path.startsWith('.') ? path : `./${path}`;
    }
    if (folder === dirname(folder)) return `./${SCHEMA}`;
  }
}

function nextSteps(file: string, { providers, demo }: Choices, env: Console['env']): string {
  const found = new Set(foundKeys(env).map(({ vendor }) => vendor));
  const unset = providers.flatMap((type) => (found.has(type) ? [] : (VENDORS.get(type)?.variables.slice(0, 1) ?? [])));
  const flag = file === 'nexus.toml' ? '' : ` -c ${file}`;
  const models = providers.flatMap((type) => {
    const model = VENDORS.get(type)?.model;
    return model === undefined ? [] : [`${type}/${model}`];
  });
  const commands = [
    [`nexus models${flag}`, 'what can be asked'],
    ...(models[0] === undefined ? [] : [[`nexus chat ${models[0]} "Hello"${flag}`, 'ask it']]),
    [`nexus serve${flag}`, 'serve it'],
  ];
  const lines = [
    `Wrote ${file}`,
    ...(unset.length === 0 ? [] : [`Not set yet: ${unset.join(', ')}${demo ? '; until then the demo answers' : ''}`]),
    '',
    ...columns(commands),
  ];
  return `${lines.join('\n')}\n`;
}

function refuse({ stderr }: Console, message: string, status: number): number {
  stderr.write(`${message}\n`);
  return status;
}
