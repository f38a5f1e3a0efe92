import { readFileSync } from 'node:fs';
import { type ListeningServer, type ListenOptions, listen } from '../adapters/node/index.ts';
import { type ListenAddress, type LoadedConfig, parseListenAddress, readConfig } from '../core/config/index.ts';
import { createNexus, type Logger, NexusError } from '../core/index.ts';
import type { Given } from './arguments.ts';
import { banner } from './banner.ts';
import { type Console, INTERRUPTED, type Output, paintFor } from './console.ts';
import { startDemo } from './demo.ts';
import { reportProblems } from './report.ts';

/**
 * `nexus serve`: serves until the process is asked to stop, then lets requests in flight finish. Returns the exit
 * status; `INTERRUPTED` when a second request to stop came before that was done.
 */
export async function runServe(file: string, given: Given | undefined, console: Console): Promise<number> {
  let loaded: LoadedConfig;
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
  const demo = await startDemo(loaded);
  const nexus = createNexus(demo.config, { logger: lineLogger(console.stderr) });
  let server: ListeningServer;
  try {
    server = await listen(nexus, { ...address, ...listeners(loaded.parsed.server) });
  } catch (error) {
    await Promise.all([nexus.close(), demo.close()]);
    console.stderr.write(`${NexusError.is(error) ? error.message : listenFailure(error, address)}\n`);
    return 1;
  }
  const facts = {
    url: server.url,
    healthUrl: server.healthUrl,
    endpoints: nexus.endpoints,
    config: loaded.parsed,
    demo: demo.providers,
  };
  console.stdout.write(banner(facts, paintFor(console.stdout, console.env)));
  return untilStopped(async () => {
    await server.close();
    await demo.close();
  }, console);
}

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

/** Warnings and errors, one line each. */
function lineLogger(output: Output): Logger {
  const write = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    const error = fields?.['error'];
    const id = typeof fields?.['requestId'] === 'string' ? ` (request ${fields['requestId']})` : '';
    output.write(`${level}: ${message}${id}${error instanceof Error ? `\n${error.stack}` : ''}\n`);
  };
  return { debug: () => {}, info: () => {}, warn: write('warning'), error: write('error') };
}
