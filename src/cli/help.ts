import { COMMAND_NAMES, COMMANDS, type CommandName, isCommand, OPTION_HELP, type OptionName } from './commands.ts';
import type { Console } from './console.ts';
import { packageText } from './package-files.ts';

const EXIT_STATUS = `Exit status: 0 done, 1 something failed, 2 the command line was wrong, 130 interrupted.`;

/** One line for each way to call the command; printed after a misuse too. */
export function usage(about?: CommandName): string {
  const commands = about === undefined ? COMMAND_NAMES : [about];
  const calls = commands.flatMap((name) => COMMANDS[name].usage.map((line) => `nexus ${line}`));
  if (about === undefined) calls.push('nexus --version');
  // A call that is too long for one line goes on below itself.
  const lines = calls.map((call) => call.replace(/^nexus {2,}/, (start) => ' '.repeat(start.length)));
  return `Usage: ${lines.join('\n       ')}\n`;
}

/** `nexus help`: on everything, on a command, or on an error by its code. Returns the exit status. */
export async function runHelp(topic: string | undefined, console: Console): Promise<number> {
  const text = topic === undefined ? overview() : isCommand(topic) ? commandHelp(topic) : await errorPage(topic);
  if (text === undefined) {
    console.stderr.write(`There is no command and no error '${topic}'\n${usage()}`);
    return 2;
  }
  console.stdout.write(text);
  return 0;
}

/** The page on an error; codes are lower case words, so that no other file can be meant. */
async function errorPage(code: string): Promise<string | undefined> {
  return /^[a-z][a-z_]*$/.test(code) ? packageText(`docs/errors/${code}.md`) : undefined;
}

function overview(): string {
  const commands = COMMAND_NAMES.map((name): [string, string] => [name, COMMANDS[name].summary]);
  const rest = "'nexus COMMAND --help' says more of a command, 'nexus help CODE' of an error.";
  return `Nexus, the AI router.

${usage()}
Commands
${definitions(commands)}

${rest}
${EXIT_STATUS}
`;
}

function commandHelp(name: CommandName): string {
  const { summary, notes, options } = COMMANDS[name];
  const paragraph = notes === undefined ? '' : `\n${notes.join('\n')}\n`;
  return `${summary}.

${usage(name)}${paragraph}
Options
${definitions(options.map((option: OptionName): [string, string] => [...OPTION_HELP[option]]))}

${EXIT_STATUS}
`;
}

function definitions(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([term]) => term.length));
  return rows.map(([term, meaning]) => `  ${term.padEnd(width)}  ${meaning}`).join('\n');
}
