import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { nexus } from 'nexus-ai/node';
import { createInstance, ERROR_PAGE, GUIDE, type Host, NOT_FOUND_PAGE, serve } from './host.ts';

type WithUser = IncomingMessage & { user?: string | undefined };

/** `node:http` has no prefixes, no parsers and no compression of its own; a log is a listener. */
export const nodeHost: Host = {
  name: 'node:http',
  mounts: ['root', 'dressed'],
  compresses: false,
  open(mount, upstream) {
    const instance = createInstance<WithUser>(upstream, ({ user }) => user);
    const log: string[] = [];
    const handler = nexus(instance);
    const server = createServer((request: WithUser, response) => {
      const { method, url } = request;
      if (mount === 'dressed') response.on('close', () => log.push(`${method} ${url} ${response.statusCode}`));
      request.user = request.headers['x-host-user']?.toString();
      handler(request, response, () => void own(request, response));
    });
    return serve(server, instance, mount, log);
  },
};

async function own(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === '/echo') response.end(JSON.stringify({ got: await json(request) }));
  else if (request.url === '/llm-guide') response.end(GUIDE);
  else if (request.url === '/boom') response.writeHead(500).end(ERROR_PAGE);
  else response.writeHead(404).end(NOT_FOUND_PAGE);
}
