import type { ParsedStdioServer } from '../../../config/resolve-mcp.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that say where things are and how to print them, and never who may do what. */
const HARMLESS: ReadonlySet<string> = new Set([
  'HOME',
  'LANG',
  'LANGUAGE',
  'LOGNAME',
  'NODE_EXTRA_CA_CERTS',
  'PATH',
  'SHELL',
  'SSL_CERT_DIR',
  'SSL_CERT_FILE',
  'TEMP',
  'TERM',
  'TMP',
  'TMPDIR',
  'TZ',
  'USER',
  // What programs on Windows do not start without.
  'APPDATA',
  'COMSPEC',
  'HOMEDRIVE',
  'HOMEPATH',
  'LOCALAPPDATA',
  'PATHEXT',
  'PROCESSOR_ARCHITECTURE',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'PROGRAMFILES(X86)',
  'SYSTEMDRIVE',
  'SYSTEMROOT',
  'USERNAME',
  'USERPROFILE',
  'WINDIR',
]);

/** The environment a server's program gets: a few harmless variables, or all with `inheritEnv`, and its own. */
export function childEnvironment(
  { env, inheritEnv }: Pick<ParsedStdioServer, 'env' | 'inheritEnv'>,
  ours: Environment,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(ours)) {
    if (value === undefined) continue;
    const known = name.toUpperCase();
    if (inheritEnv || HARMLESS.has(known) || known.startsWith('LC_')) result[name] = value;
  }
  for (const [name, value] of Object.entries(env)) result[name] = value.reveal();
  return result;
}
