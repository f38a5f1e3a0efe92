import { readConfig } from '../core/config/index.ts';
import type { Console } from './console.ts';
import { reportProblems } from './report.ts';

/** `nexus check`: judges a configuration file. Returns the exit status. */
export function runCheck(file: string, console: Console): number {
  try {
    const { parsed, warnings } = readConfig(file, { env: console.env });
    for (const warning of warnings) console.stderr.write(`${file}: warning: ${warning}\n`);
    const providers = Object.values(parsed.llm.providers);
    const models = providers.reduce((count, provider) => count + Object.keys(provider.models).length, 0);
    console.stdout.write(
      `${file} is valid: ${count(providers.length, 'provider')}, ${count(models, 'model')} listed\n`,
    );
    return 0;
  } catch (error) {
    reportProblems(error, file, console.stderr);
    return 1;
  }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
