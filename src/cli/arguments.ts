import { parseArgs } from 'node:util';
import { nearestName } from '../core/config/index.ts';

/** What the command line asks for; `from` says where a value came from, for messages about it. */
export type Invocation =
  | { readonly command: 'serve'; readonly config: string; readonly listen: Given | undefined }
  | { readonly command: 'check'; readonly config: string }
  | { readonly command: 'help' | 'version' }
  | { readonly command: 'misuse'; readonly message: string };

export interface Given {
  readonly text: string;
  readonly from: string;
}

const COMMANDS = ['serve', 'check'];
const OPTIONS = {
  config: { type: 'string', short: 'c' },
  'listen-address': { type: 'string', short: 'l' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

/** Reads arguments (without node and script). Flags go before the environment; empty variables count as unset. */
export function parseArguments(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Invocation {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    // The first sentence says what is wrong; what follows is advice for positional arguments.
    return misuse(error instanceof Error ? (error.message.split('. ')[0] ?? error.message) : String(error));
  }
  const { values, positionals } = parsed;
  if (values.help === true) return { command: 'help' };
  if (values.version === true) return { command: 'version' };
  const [command = 'serve', extra] = positionals;
  if (!COMMANDS.includes(command)) return unknownCommand(command);
  if (extra !== undefined) return misuse(`Unexpected argument '${extra}'`);

  const config = values.config ?? (env['NEXUS_CONFIG_PATH'] || 'nexus.toml');
  if (config === '') return misuse("Option '-c, --config' needs a file");
  const flag = values['listen-address'];
  if (command === 'check') {
    return flag === undefined ? { command, config } : misuse("'nexus check' takes no '-l, --listen-address'");
  }
  return { command: 'serve', config, listen: listenAddress(flag, env['NEXUS_LISTEN_ADDRESS']) };
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
}

function listenAddress(flag: string | undefined, variable: string | undefined): Given | undefined {
  if (flag !== undefined) return { text: flag, from: '-l, --listen-address' };
  return variable ? { text: variable, from: 'NEXUS_LISTEN_ADDRESS' } : undefined;
}

function unknownCommand(command: string): Invocation {
  const nearest = nearestName(command, COMMANDS);
  return misuse(`Unknown command '${command}'${nearest === undefined ? '' : ` (did you mean '${nearest}'?)`}`);
}

function misuse(message: string): Invocation {
  return { command: 'misuse', message };
}
