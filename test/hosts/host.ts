// What the suite asks of a host: to mount an instance in some way, next to routes of its own.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createNexus, type Identify, type Nexus } from 'nexus-ai';

/** Ways to stand in an application. */
export const MOUNTS = ['root', 'prefix', 'parser', 'dressed'] as const;

/** `parser`: behind a body parser. `dressed`: behind compression and a request log. Both at the root. */
export type Mount = (typeof MOUNTS)[number];

export interface Host {
  readonly name: string;
  /** Those it has. */
  readonly mounts: readonly Mount[];
  /** Whether it compresses in `dressed`; a bare host has nothing that could. */
  readonly compresses: boolean;
  open(mount: Mount, upstream: string): Promise<OpenHost>;
}

/**
 * An application with Nexus in it. Its own routes: `POST /echo` answers `{"got": body}`, `GET /llm-guide` a text,
 * `GET /boom` throws; the header `x-host-user` is its idea of a signed-in user.
 */
export interface OpenHost {
  /** Where the application is. */
  readonly url: string;
  /** Where Nexus is mounted. */
  readonly base: string;
  /** One line per request, `METHOD path status`, where the mount is `dressed`. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

export const GUIDE = 'the host’s own';
/** What a page of the host says for a path nobody has, and for a fault. */
export const NOT_FOUND_PAGE = 'the host has no such page';
export const ERROR_PAGE = 'the host broke';

export function prefixOf(mount: Mount): '' | '/ai' {
  return mount === 'prefix' ? '/ai' : '';
}

/** The instance of the suite; `userOf` finds the host's user in what the adapter hands to `identify`. */
export function createInstance<Raw>(upstream: string, userOf: (raw: Raw) => string | undefined): Nexus {
  const identify: Identify = (_exchange, raw) => {
    const user = userOf(raw as Raw);
    return user === undefined ? undefined : { id: user };
  };
  return createNexus(
    {
      llm: {
        discovery: { enabled: false },
        providers: {
          openai: { type: 'openai', apiKey: 'sk-upstream-openai', baseUrl: `${upstream}/v1` },
          google: { type: 'google', apiKey: 'sk-upstream-google', baseUrl: `${upstream}/v1beta` },
        },
      },
    },
    {
      identify,
      tools: { whoami: { description: 'Says who calls', run: (_args, { principal }) => principal?.id ?? 'nobody' } },
    },
  );
}

/** A listening server with an instance in it. */
export async function serve(server: Server, instance: Nexus, mount: Mount, log: readonly string[]): Promise<OpenHost> {
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    base: url + prefixOf(mount),
    log,
    async close() {
      await instance.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
