// An instance for commands that need no server: it lives as long as the command.
import { type LoadedConfig, readConfig } from '../core/config/index.ts';
import {
  createNexus,
  type InProcessClients,
  type Logger,
  type Nexus,
  type NexusConfig,
  type NexusOptions,
} from '../core/index.ts';
import type { Console } from './console.ts';
import { startDemo } from './demo.ts';
import { reportProblems } from './report.ts';

export interface OpenedInstance extends AsyncDisposable {
  readonly nexus: Nexus;
  /** The ways in, for the command as a caller. */
  readonly clients: InProcessClients;
  readonly loaded: LoadedConfig;
}

export interface InstanceOptions extends Pick<NexusOptions, 'sinks'> {
  /** Group of the command as a caller. */
  readonly group?: string | undefined;
  /** May change what the instance is made from. */
  readonly adapt?: ((config: NexusConfig) => NexusConfig) | undefined;
}

/** Whom the command calls as, whatever the configuration asks of callers. */
const CALLER = 'nexus-cli';

/**
 * Reads the configuration and makes an instance of it, with the demo where the configuration has one. Problems are written
 * to standard error; `undefined` then.
 */
export async function openInstance(
  file: string,
  console: Console,
  { adapt = (config) => config, group, sinks = [] }: InstanceOptions = {},
): Promise<OpenedInstance | undefined> {
  let loaded: LoadedConfig;
  try {
    loaded = readConfig(file, { env: console.env });
  } catch (error) {
    reportProblems(error, file, console.stderr);
    return undefined;
  }
  const demo = await startDemo(loaded);
  const nexus = createNexus(adapt(demo.config), { sinks, logger: errorsOnly(console) });
  return {
    nexus,
    clients: nexus.as({ id: CALLER, group }),
    loaded,
    [Symbol.asyncDispose]: async () => {
      await nexus.close();
      await demo.close();
    },
  };
}

/** Commands tell of problems themselves; what is left is what nobody foresaw. */
function errorsOnly({ stderr }: Console): Logger {
  const nothing = (): void => {};
  return {
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: (message, fields) => {
      const reason = fields?.['error'];
      stderr.write(`${message}${reason instanceof Error ? `: ${reason.message}` : ''}\n`);
    },
  };
}
