import { readFileSync } from 'node:fs';
import { type ListeningServer, type ListenOptions, listen } from '../adapters/node/index.ts';
import {
  type ListenAddress,
  type LoadedConfig,
  parseDuration,
  parseListenAddress,
  readConfig,
} from '../core/config/index.ts';
import { createNexus, type Logger, lineLogger, NexusError, oncePerTurn } from '../core/index.ts';
import type { Given } from './arguments.ts';
import { banner } from './banner.ts';
import { type Console, INTERRUPTED, paintFor, showsColours } from './console.ts';
import { startDemo } from './demo.ts';
import { LiveConfig, readText } from './live-config.ts';
import { withProgress } from './progress.ts';
import { reportProblems } from './report.ts';

/** What the command line says besides the address; it goes before the file. */
export interface ServeFlags {
  /** Time that requests under way have to end. */
  readonly drain?: Given | undefined;
  /** `false`: the file is read again only when asked for. */
  readonly watch?: boolean | undefined;
}

/**
 * `nexus serve`: serves until the process is asked to stop, and takes up changes of its file meanwhile. Then it lets
 * requests in flight finish. Returns the exit status; `INTERRUPTED` when a second request to stop came before that was
 * done.
 */
export async function runServe(
  file: string,
  given: Given | undefined,
  console: Console,
  flags: ServeFlags = {},
): Promise<number> {
  let loaded: LoadedConfig;
  const text = readText(file);
  try {
    loaded = readConfig(file, { env: console.env });
  } catch (error) {
    reportProblems(error, file, console.stderr);
    return 1;
  }
  const address = given === undefined ? loaded.parsed.server.listenAddress : parseListenAddress(given.text);
  if (address === undefined) {
    console.stderr.write(`${given?.from}: must be an address and a port such as 127.0.0.1:8000\n`);
    return 1;
  }
  const ownDrain = flags.drain === undefined ? undefined : parseDuration(flags.drain.text);
  if (flags.drain !== undefined && (ownDrain === undefined || ownDrain > LONGEST_DRAIN)) {
    console.stderr.write(`${flags.drain.from}: must be a duration such as 30s, and of at most a day\n`);
    return 1;
  }
  const demo = await startDemo(loaded);
  const nexus = createNexus(demo.config, { logger: loggerFor(loaded, console) });
  let server: ListeningServer;
  try {
    const listening = listen(nexus, { ...address, ...listeners(loaded.parsed.server) });
    server = await withProgress(console, 'Starting', listening);
  } catch (error) {
    await Promise.all([nexus.close(), demo.close()]);
    console.stderr.write(`${NexusError.is(error) ? error.message : listenFailure(error, address)}\n`);
    return 1;
  }
  const watches = flags.watch !== false;
  const hasOwnAddress = given !== undefined;
  const live = new LiveConfig({ file, text, loaded, nexus, demo, console, watches, hasOwnAddress });
  const forgetReload = console.onReload(() => live.reload());
  const stopped = untilStopped(async () => {
    forgetReload();
    live.close();
    await server.close({ drain: ownDrain ?? live.loaded.parsed.server.drain });
    await demo.close();
  }, console);
  const facts = {
    url: server.url,
    healthUrl: server.healthUrl,
    endpoints: nexus.endpoints,
    config: loaded.parsed,
    demo: demo.providers,
  };
  // Last: who reads it may send a signal at once.
  console.stdout.write(banner(facts, paintFor(console.stdout, console.env)));
  return stopped;
}

const LONGEST_DRAIN = 86_400_000;

/** What the configuration says besides the address. Throws `config_invalid` for files that cannot be read. */
function listeners({ health, tls }: LoadedConfig['parsed']['server']): Pick<ListenOptions, 'tls' | 'health'> {
  return {
    tls: tls && { certificate: readPem('certificate', tls.certificate), key: readPem('key', tls.key) },
    health: health.enabled && health.listen !== undefined ? { ...health.listen, path: health.path } : undefined,
  };
}

function readPem(key: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new NexusError('config_invalid', `server.tls.${key}: the file "${path}" cannot be read`, { cause });
  }
}

/** Waits for the wish to stop, then for `close`; a second wish is not made to wait for it. */
function untilStopped(close: () => Promise<void>, console: Console): Promise<number> {
  return new Promise((resolve, reject) => {
    let stopping = false;
    const forget = console.onStop(() => {
      if (stopping) {
        forget();
        resolve(INTERRUPTED);
        return;
      }
      stopping = true;
      close()
        .then(() => resolve(0), reject)
        .finally(forget);
    });
  });
}

function loggerFor({ parsed }: LoadedConfig, { stderr, env }: Console): Logger {
  const { level = 'info', format = 'text' } = parsed.telemetry?.logs ?? {};
  const write = oncePerTurn((text) => stderr.write(text));
  return lineLogger({ level, format }, { write, colours: showsColours(stderr, env) });
}

function listenFailure(error: unknown, { host, port }: ListenAddress): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (String(code).startsWith('ERR_OSSL')) return `server.tls: the certificate or the key cannot be used (${code})`;
  switch (code) {
    case 'EADDRINUSE':
      return `Cannot listen on ${address}: the port is in use; choose another with -l HOST:PORT`;
    case 'EACCES':
      return `Cannot listen on ${address}: this port needs more rights; choose one above 1023`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `Cannot listen on ${address}: this machine has no such address`;
    default:
      throw error;
  }
}
