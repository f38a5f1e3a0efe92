// What `nexus init` asks a person.
import type { Terminal } from './console.ts';
import type { InitChoices, McpChoice } from './init-file.ts';
import { parseMcp, parseProviders } from './init-options.ts';
import { Prompt } from './prompt.ts';
import { type FoundKey, foundKeys, VENDORS } from './vendors.ts';

type Answers = Omit<InitChoices, 'schema'>;

/** Raised, and caught below, when the person has had enough. */
class Declined extends Error {}

/** `undefined` when the person ends the conversation. */
export async function askChoices(
  terminal: Terminal,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Answers | undefined> {
  const questions = new Questions(terminal);
  try {
    const found = foundKeys(env);
    const providers = await askProviders(questions, found);
    const keyless = providers.every((type) => !found.some(({ vendor }) => vendor === type));
    return {
      providers,
      demo: keyless && (await questions.yes('No key is there yet. Let a demo answer until then?', true)),
      mcp: await askMcp(questions),
      limits: await askLimits(questions),
      oauth: await questions.text('Authorization server whose tokens callers show, as URL (empty: none): ', issuerOf),
    };
  } catch (error) {
    if (error instanceof Declined) return undefined;
    throw error;
  }
}

async function askProviders(questions: Questions, found: readonly FoundKey[]): Promise<string[]> {
  const named = found.map(({ vendor, variable }) => `${vendor} (${variable})`).join(', ');
  const wanted = found.length > 0 && (await questions.yes(`Keys are in the environment for ${named}. Use them?`, true));
  const chosen = wanted ? found.map(({ vendor }) => vendor) : [];
  const others = [...VENDORS.keys()].filter((name) => !chosen.includes(name));
  const more = chosen.length > 0 ? 'Other vendors (empty: none)' : 'Vendors (empty: openai, anthropic)';
  const added = await questions.text(`${more}, of ${others.join(' ')}: `, (line) =>
    parseProviders(line.split(/[\s,]+/).filter((name) => name !== '')),
  );
  const all = [...new Set([...chosen, ...(added ?? [])])];
  return all.length > 0 ? all : ['openai', 'anthropic'];
}

async function askMcp(questions: Questions): Promise<McpChoice[]> {
  const servers: McpChoice[] = [];
  for (;;) {
    const which = servers.length === 0 ? 'An MCP server' : 'Another one';
    const server = await questions.text(`${which}, as name=URL or name=command (empty: none): `, parseMcp);
    if (server === undefined) return servers;
    servers.push(server);
  }
}

function askLimits(questions: Questions): Promise<'memory' | 'redis' | undefined> {
  return questions.text('Limit requests, counted in memory or in redis (empty: no limits): ', (line) =>
    line === 'memory' || line === 'redis' ? line : new Error('memory, redis, or nothing'),
  );
}

function issuerOf(line: string): string | Error {
  return /^https?:\/\//i.test(line) && URL.canParse(line) ? line : new Error('a URL such as https://login.example.com');
}

class Questions {
  readonly #prompt: Prompt;
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#prompt = new Prompt(terminal);
  }

  async yes(question: string, otherwise: boolean): Promise<boolean> {
    const answer = await this.#prompt.confirm(question, otherwise);
    if (answer === undefined) throw new Declined();
    return answer;
  }

  /** Asks until `parse` is content; `undefined` for an empty line. */
  async text<Value>(question: string, parse: (line: string) => Value | Error): Promise<Value | undefined> {
    for (;;) {
      const line = await this.#prompt.ask(question);
      if (line === undefined) throw new Declined();
      if (line.trim() === '') return undefined;
      const value = parse(line.trim());
      if (!(value instanceof Error)) return value;
      this.#terminal.output.write(`  ${value.message}\n`);
    }
  }
}
