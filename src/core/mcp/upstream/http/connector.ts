// How bytes reach a remote MCP server, with the configured TLS settings; loaded on first use.
import { lookup as systemLookup } from 'node:dns';
import { readFile } from 'node:fs/promises';
import { isIP, type LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { ParsedMcpTls } from '../../../config/resolve-mcp.ts';
import type { Transport } from '../../../http/transport.ts';
import { linkFailure } from '../link-failure.ts';
import { isPrivateAddress } from './private-address.ts';

export type Fetch = (input: string | URL, init?: RequestInit) => Promise<Response>;

/** Two ways through the same settings. */
export interface Connector {
  /** For messages. */
  readonly transport: Transport;
  /** For what is rare, such as tokens. */
  readonly fetch: Fetch;
  close(): Promise<void>;
}

const CONNECT_MS = 10_000;
/** Shorter than the five seconds after which common servers hang up unannounced: a tool call must not meet that. */
const KEEP_ALIVE_MS = 4000;

/** For configured addresses. Rejects with a link failure when a certificate file cannot be read. */
export async function openConnector(tls: ParsedMcpTls | undefined): Promise<Connector> {
  const connect = tls === undefined ? {} : await tlsSettings(tls);
  const { HttpTransport } = await import('../../../http/client/http-transport.ts');
  const transport = new HttpTransport({ connect, keepAlive: KEEP_ALIVE_MS });
  const { fetch, close } = fetchWith(connect);
  return {
    transport,
    fetch,
    close: async () => {
      await Promise.all([transport.close(), close()]);
    },
  };
}

/** For addresses that were found out at run time: none that is private can be reached, whatever its name resolves to. */
export function openPublicFetch(): Pick<Connector, 'fetch' | 'close'> {
  return fetchWith({ lookup: publicLookup });
}

/** undici's fetch, which takes long to load, is loaded when it is first called. */
function fetchWith(connect: object): Pick<Connector, 'fetch' | 'close'> {
  let opened: Promise<{ readonly fetch: Fetch; readonly close: () => Promise<void> }> | undefined;
  const open = async (): Promise<{ readonly fetch: Fetch; readonly close: () => Promise<void> }> => {
    const undici = await import('undici');
    // Deadlines are those of the calls.
    const agent = new undici.Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: CONNECT_MS, ...connect } });
    const fetch = undici.fetch as unknown as (input: string | URL, init: object) => Promise<Response>;
    return { fetch: (input, init) => fetch(input, { ...init, dispatcher: agent }), close: () => agent.destroy() };
  };
  return {
    fetch: async (input, init) => {
      opened ??= open();
      return (await opened).fetch(input, init);
    },
    close: async () => {
      await (await opened)?.close();
    },
  };
}

async function tlsSettings(tls: ParsedMcpTls): Promise<object> {
  const [root, cert, key] = await Promise.all(
    [tls.rootCaCertPath, tls.clientCertPath, tls.clientKeyPath].map((path) =>
      path === undefined ? undefined : readPem(path),
    ),
  );
  return {
    rejectUnauthorized: tls.verifyCerts,
    ...(root === undefined ? {} : { ca: [...rootCertificates, root] }),
    ...(cert === undefined ? {} : { cert, key }),
    ...(tls.acceptInvalidHostnames ? { checkServerIdentity: () => undefined } : {}),
  };
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw linkFailure('upstream_unavailable', 'a certificate file cannot be read', { sent: false, over: true }, error);
  }
}

const publicLookup: LookupFunction = (hostname, options, callback) => {
  systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, '', 0);
    const [first] = addresses;
    if (first === undefined || addresses.some(({ address }) => isPrivateAddress(address))) {
      return callback(Object.assign(new Error('The address is private'), { code: 'EACCES' }), '', 0);
    }
    if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

/** Whether the host of a URL is, by its name alone, one of this machine or its network. Names are looked up later. */
export function isPrivateHost(url: URL): boolean {
  const host = url.hostname.toLowerCase();
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  const bare = host.replace(/^\[|\]$/g, '');
  return isIP(bare) !== 0 && isPrivateAddress(bare);
}
