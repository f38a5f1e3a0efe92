import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { nodeHandler } from '../../src/adapters/node/index.ts';
import { parseConfig } from '../../src/core/config/parse.ts';
import { fromUnknown } from '../../src/core/errors/from-unknown.ts';
import type { Exchange } from '../../src/core/exchange/exchange.ts';
import type { Principal } from '../../src/core/exchange/principal.ts';
import { openRecord } from '../../src/core/exchange/record.ts';
import type { Reply } from '../../src/core/exchange/reply.ts';
import { json } from '../../src/core/http/respond.ts';
import type { Nexus, NexusConfig } from '../../src/core/index.ts';
import { jsonRpcDialect } from '../../src/core/mcp/dialect.ts';
import { ToolIndex } from '../../src/core/mcp/search/tool-index.ts';
import { McpGateway } from '../../src/core/mcp/serve/gateway.ts';
import type { Upstream } from '../../src/core/mcp/upstream/upstream.ts';
import { type Runtime, systemRuntime } from '../../src/core/runtime/runtime.ts';

export type McpConfig = NonNullable<NexusConfig['mcp']>;

export interface ServedGateway {
  readonly url: string;
  readonly gateway: McpGateway;
  /** What was logged as an error. */
  readonly errors: string[];
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly config?: McpConfig;
  readonly host?: 'node' | 'express';
  /** Default: the header `x-user`, and `x-group`. */
  readonly identify?: (exchange: Exchange) => Principal | undefined;
  readonly runtime?: Runtime;
}

/** A gateway over these upstreams on a real socket, behind the adapters that ship. */
export async function serveGateway(upstreams: readonly Upstream[], options: ServeOptions = {}): Promise<ServedGateway> {
  const { config: parsed } = parseConfig({ mcp: options.config ?? {} }, { mcpInCode: true, identifies: true });
  const errors: string[] = [];
  const log = (message: string): void => void errors.push(message);
  const gateway = new McpGateway(parsed.mcp, upstreams, {
    logger: { debug() {}, info() {}, warn: log, error: log },
    runtime: options.runtime ?? systemRuntime,
    version: '0.0.0-test',
    maxBody: 1024 * 1024,
    createRanking: (tools) => new ToolIndex(tools),
  });
  const identify = options.identify ?? identifyByHeader;
  const handle = async (exchange: Exchange): Promise<Reply> => {
    const record = openRecord('test', 0, 'mcp', undefined);
    try {
      return await gateway.handle(exchange, {
        record,
        principal: identify(exchange),
        evidence: undefined,
        booking: undefined,
        seal: () => {},
      });
    } catch (thrown) {
      const error = fromUnknown(thrown);
      if (error.code === 'internal') errors.push(String(error.cause));
      return json(error.status, jsonRpcDialect.encodeError(error), [...(error.headers ?? [])]);
    }
  };
  const handler = nodeHandler({ owns: () => true, handle } as unknown as Nexus);
  const listener = options.host === 'express' ? express().use(express.json(), handler) : handler;
  const server: Server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    gateway,
    errors,
    close: async () => {
      await gateway.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function identifyByHeader(exchange: Exchange): Principal | undefined {
  const id = exchange.header('x-user');
  return id === undefined ? undefined : { id, group: exchange.header('x-group'), claims: {}, token: undefined };
}
