// What can be said on the command line, as data: arguments are read and help is written from it.

export interface CommandDescription {
  readonly summary: string;
  /** One line for each way to call it, without the program's name. */
  readonly usage: readonly string[];
  readonly options: readonly OptionName[];
  /** Most words it takes besides options. */
  readonly operands: number;
  /** What else is worth knowing, in lines of help. */
  readonly notes?: readonly string[];
}

/** As `node:util` wants them; what help says of them stands in `OPTION_HELP`. */
export const OPTIONS = {
  config: { type: 'string', short: 'c' },
  'listen-address': { type: 'string', short: 'l' },
  drain: { type: 'string' },
  'no-watch': { type: 'boolean' },
  json: { type: 'boolean' },
  group: { type: 'string' },
  system: { type: 'string' },
  provider: { type: 'string', multiple: true },
  mcp: { type: 'string', multiple: true },
  limits: { type: 'string' },
  oauth: { type: 'string' },
  demo: { type: 'boolean' },
  yes: { type: 'boolean', short: 'y' },
  force: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

export type OptionName = keyof typeof OPTIONS;

export const OPTION_HELP: Readonly<Record<OptionName, readonly [form: string, meaning: string]>> = {
  config: ['-c, --config FILE', 'The configuration; default $NEXUS_CONFIG_PATH, else ./nexus.toml'],
  'listen-address': [
    '-l, --listen-address HOST:PORT',
    'Where to listen; default $NEXUS_LISTEN_ADDRESS, else server.listen_address',
  ],
  drain: ['--drain DURATION', 'Time that requests under way have to end; default server.drain'],
  'no-watch': ['--no-watch', 'Read the file again on SIGHUP only, not whenever it changes'],
  json: ['--json', 'One JSON document on standard output, for programs'],
  group: ['--group NAME', 'Act as a caller of this group'],
  system: ['--system TEXT', 'What the model is told before the conversation'],
  provider: ['--provider TYPE', 'A vendor, such as openai; may be given several times'],
  mcp: ['--mcp NAME=URL|COMMAND', 'An MCP server, remote or a program; may be given several times'],
  limits: ['--limits memory|redis', 'Limit requests, counted in this process or in $REDIS_URL'],
  oauth: ['--oauth ISSUER', 'Ask for tokens of this authorization server'],
  demo: ['--demo', 'Let the demo answer for providers without a key'],
  yes: ['-y, --yes', 'Ask nothing'],
  force: ['--force', 'Replace the file if there is one'],
  help: ['-h, --help', 'Show this'],
  version: ['-v, --version', 'Show the version'],
};

const COMMON: readonly OptionName[] = ['config', 'help'];

const DESCRIPTIONS = {
  serve: {
    summary: 'Start a server of its own (the default)',
    usage: ['[serve] [-c FILE] [-l HOST:PORT] [--drain DURATION] [--no-watch]'],
    options: [...COMMON, 'listen-address', 'drain', 'no-watch'],
    operands: 0,
    notes: [
      'SIGTERM and Ctrl-C let requests under way finish, a second one does not wait. SIGHUP reads the file again.',
    ],
  },
  check: {
    summary: 'Judge a configuration without starting anything',
    usage: ['check [-c FILE] [--json]'],
    options: [...COMMON, 'json'],
    operands: 0,
  },
  init: {
    summary: 'Write a configuration to start from',
    usage: [
      'init [-c FILE] [--provider TYPE]... [--mcp NAME=URL|COMMAND]... [--limits memory|redis]',
      '     [--oauth ISSUER] [--demo] [--yes] [--force]',
    ],
    options: [...COMMON, 'provider', 'mcp', 'limits', 'oauth', 'demo', 'yes', 'force'],
    operands: 0,
    notes: [
      'Asks on a terminal, unless options say what is wanted. Without questions the vendors are those whose keys are in',
      'the environment; without any, the demo answers. The file holds no key, only the names of variables.',
    ],
  },
  models: {
    summary: 'List models and routes as clients name them, asking the providers',
    usage: ['models [-c FILE] [--json]'],
    options: [...COMMON, 'json'],
    operands: 0,
    notes: ['Exit status 1 where a provider could not be asked; what is known is listed all the same.'],
  },
  tools: {
    summary: 'Connect the MCP servers and list their tools, or search them',
    usage: ['tools [QUERY] [-c FILE] [--group NAME] [--json]'],
    options: [...COMMON, 'json', 'group'],
    operands: 1,
    notes: [
      'The list has all tools. A search finds what a caller of the group may use, or one of no group.',
      'Exit status 1 where a server could not be connected.',
    ],
  },
  chat: {
    summary: 'Talk to a model or a route, without a server',
    usage: ['chat MODEL [PROMPT] [-c FILE] [--system TEXT] [--group NAME] [--json]'],
    options: [...COMMON, 'json', 'system', 'group'],
    operands: 2,
    notes: [
      'Without PROMPT it is a conversation on a terminal, else the prompt is what standard input holds.',
      'The answer goes to standard output; who answered, usage and cost to standard error.',
      'Ctrl-C ends an answer, Ctrl-C or Ctrl-D at the prompt the conversation.',
    ],
  },
  schema: {
    summary: 'Print the JSON Schema of the configuration',
    usage: ['schema'],
    options: ['help'],
    operands: 0,
  },
  help: {
    summary: 'Explain a command, or an error by its code',
    usage: ['help [COMMAND|CODE]'],
    options: ['help'],
    operands: 1,
  },
} as const satisfies Readonly<Record<string, CommandDescription>>;

export type CommandName = keyof typeof DESCRIPTIONS;

export const COMMANDS: Readonly<Record<CommandName, CommandDescription>> = DESCRIPTIONS;

export const COMMAND_NAMES = Object.keys(DESCRIPTIONS) as readonly CommandName[];

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(DESCRIPTIONS, name);
}
