import { parseArgs } from 'node:util';
import { nearestName } from '../core/config/index.ts';
import {
  COMMAND_NAMES,
  COMMANDS,
  type CommandName,
  isCommand,
  OPTION_HELP,
  OPTIONS,
  type OptionName,
} from './commands.ts';

/** What the command line asks for; `from` says where a value came from, for messages about it. */
export type Invocation =
  | ServeInvocation
  | { readonly command: 'check' | 'models'; readonly config: string; readonly json: boolean }
  | InitInvocation
  | ToolsInvocation
  | ChatInvocation
  | { readonly command: 'schema' | 'version' }
  | { readonly command: 'help'; readonly topic: string | undefined }
  | { readonly command: 'misuse'; readonly message: string; readonly about?: CommandName };

export interface ServeInvocation {
  readonly command: 'serve';
  readonly config: string;
  readonly listen: Given | undefined;
  /** Time that requests under way have to end. */
  readonly drain: Given | undefined;
  /** `false`: the file is read again only when asked for. */
  readonly watch: boolean;
}

export interface InitInvocation {
  readonly command: 'init';
  readonly config: string;
  readonly providers: readonly string[];
  /** `name=url` or `name=command` */
  readonly mcp: readonly string[];
  readonly limits: string | undefined;
  readonly oauth: string | undefined;
  readonly demo: boolean;
  /** Nothing is to be asked. */
  readonly yes: boolean;
  readonly force: boolean;
}

export interface ToolsInvocation {
  readonly command: 'tools';
  readonly config: string;
  readonly query: string | undefined;
  readonly group: string | undefined;
  readonly json: boolean;
}

export interface ChatInvocation {
  readonly command: 'chat';
  readonly config: string;
  readonly model: string;
  readonly prompt: string | undefined;
  readonly system: string | undefined;
  readonly group: string | undefined;
  readonly json: boolean;
}

export interface Given {
  readonly text: string;
  readonly from: string;
}

type Environment = Readonly<Record<string, string | undefined>>;
type Parsed = ReturnType<typeof parse>;

/** Reads arguments (without node and script). Flags go before the environment; empty variables count as unset. */
export function parseArguments(args: readonly string[], env: Environment): Invocation {
  let parsed: Parsed;
  try {
    parsed = parse(args);
  } catch (error) {
    return misuse(refusalOf(error));
  }
  const { values, positionals } = parsed;
  if (values.version === true) return { command: 'version' };
  const [command = 'serve', ...operands] = positionals;
  if (!isCommand(command)) return values.help === true ? helpOn(undefined) : unknownCommand(command);
  if (values.help === true) return helpOn(positionals[0]);

  const { options, operands: most } = COMMANDS[command];
  const extra = operands[most];
  if (extra !== undefined) return misuse(`Unexpected argument '${extra}'`, command);
  const given = Object.keys(values) as OptionName[];
  const foreign = given.find((name) => !options.includes(name));
  if (foreign !== undefined) return misuse(`'nexus ${command}' takes no '${flags(foreign)}'`, command);
  const empty = given.find((name) => values[name] === '' && OPTIONS[name].type === 'string');
  if (empty !== undefined && empty !== 'listen-address')
    return misuse(`Option '${flags(empty)}' needs ${empty === 'config' ? 'a file' : 'a value'}`, command);
  return invocation(command, operands, values, env);
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
}

function invocation(
  command: CommandName,
  [first, second]: readonly string[],
  values: Parsed['values'],
  env: Environment,
): Invocation {
  const config = values.config ?? (env['NEXUS_CONFIG_PATH'] || 'nexus.toml');
  const { group, json = false, limits, oauth, system } = values;
  switch (command) {
    case 'serve':
      return {
        command,
        config,
        listen: listenAddress(values['listen-address'], env['NEXUS_LISTEN_ADDRESS']),
        drain: values.drain === undefined ? undefined : { text: values.drain, from: '--drain' },
        watch: values['no-watch'] !== true,
      };
    case 'check':
    case 'models':
      return { command, config, json };
    case 'init': {
      const { provider = [], mcp = [], demo = false, yes = false, force = false } = values;
      const providers = provider.flatMap((names) => names.split(',')).filter((name) => name !== '');
      return { command, config, providers, mcp, limits, oauth, demo, yes, force };
    }
    case 'tools':
      return { command, config, query: first, group, json };
    case 'chat':
      if (first === undefined || first === '')
        return misuse("'nexus chat' needs a model; 'nexus models' lists them", command);
      return { command, config, model: first, prompt: second, system, group, json };
    case 'schema':
      return { command };
    case 'help':
      return helpOn(first);
  }
}

function listenAddress(flag: string | undefined, variable: string | undefined): Given | undefined {
  if (flag !== undefined) return { text: flag, from: '-l, --listen-address' };
  return variable ? { text: variable, from: 'NEXUS_LISTEN_ADDRESS' } : undefined;
}

function helpOn(topic: string | undefined): Invocation {
  return { command: 'help', topic };
}

/** What `node:util` says is wrong, without its advice for positional arguments. */
function refusalOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const sentence = message.split('. ')[0] ?? message;
  const unknown = /^Unknown option '--([^']+)'/.exec(sentence)?.[1];
  return unknown === undefined ? sentence : sentence + hint(unknown, Object.keys(OPTIONS), '--');
}

function unknownCommand(command: string): Invocation {
  return misuse(`Unknown command '${command}'${hint(command, COMMAND_NAMES)}`);
}

function hint(name: string, known: readonly string[], before = ''): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? '' : ` (did you mean '${before}${nearest}'?)`;
}

/** `-c, --config` */
function flags(option: OptionName): string {
  return OPTION_HELP[option][0].replace(/ [A-Z].*| [a-z]+\|.*$/, '');
}

function misuse(message: string, about?: CommandName): Invocation {
  return about === undefined ? { command: 'misuse', message } : { command: 'misuse', message, about };
}
