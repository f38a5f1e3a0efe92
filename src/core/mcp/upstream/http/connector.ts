// How bytes reach a remote MCP server: undici's pool with the configured TLS settings, loaded on first use. Redirects
// are left to those above, who know what must not travel.
import { lookup as systemLookup } from 'node:dns';
import { readFile } from 'node:fs/promises';
import { isIP, type LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { ParsedMcpTls } from '../../../config/resolve-mcp.ts';
import { linkFailure } from '../link-failure.ts';
import { isPrivateAddress } from './private-address.ts';

export type Fetch = (input: string | URL, init?: RequestInit) => Promise<Response>;

export interface Connector {
  readonly fetch: Fetch;
  close(): Promise<void>;
}

const CONNECT_MS = 10_000;

/** For configured addresses. Rejects with a link failure when a certificate file cannot be read. */
export async function openConnector(tls: ParsedMcpTls | undefined): Promise<Connector> {
  return connectorWith({ ...(tls === undefined ? {} : await tlsSettings(tls)) });
}

/** For addresses that were found out at run time: none that is private can be reached, whatever its name resolves to. */
export function openPublicConnector(): Promise<Connector> {
  return connectorWith({ lookup: publicLookup });
}

async function connectorWith(connect: object): Promise<Connector> {
  const undici = await import('undici');
  // Deadlines are those of the calls.
  const agent = new undici.Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: CONNECT_MS, ...connect } });
  const fetch = undici.fetch as unknown as (input: string | URL, init: object) => Promise<Response>;
  return {
    fetch: (input, init) => fetch(input, { ...init, dispatcher: agent }),
    close: () => agent.destroy(),
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
