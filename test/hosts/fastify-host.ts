import { Readable } from 'node:stream';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { createInstance, ERROR_PAGE, GUIDE, type Host, NOT_FOUND_PAGE, prefixOf, serve } from './host.ts';

type WithUser = FastifyRequest & { user?: string | undefined };

/** Fastify through `instance.fetch`, as the guide shows it. */
export const fastifyHost: Host = {
  name: 'Fastify 5',
  mounts: ['root', 'prefix', 'parser', 'dressed'],
  compresses: false,
  async open(mount, upstream) {
    const instance = createInstance<WithUser>(upstream, ({ user }) => user);
    const log: string[] = [];
    const app = Fastify();
    const mountPath = prefixOf(mount);
    app.addHook('onRequest', async (request: WithUser) => {
      request.user = request.headers['x-host-user']?.toString();
    });
    if (mount === 'dressed') {
      app.addHook(
        'onResponse',
        async ({ method, url }, { statusCode }) => void log.push(`${method} ${url} ${statusCode}`),
      );
    }
    await app.register(async (scope) => {
      // Without this Fastify reads and parses JSON itself, and its value is all there is.
      if (mount !== 'parser') {
        scope.removeAllContentTypeParsers();
        scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
      }
      for (const path of ['/llm/*', '/mcp', '/mcp/*', '/health']) {
        scope.all(mountPath + path, (request, reply) => forward(request, reply));
      }
    });
    app.post('/echo', async ({ body }) => ({ got: body }));
    app.get('/llm-guide', async () => GUIDE);
    app.get('/boom', async () => {
      throw new Error('boom');
    });
    app.setNotFoundHandler((_request, reply) => reply.code(404).send(NOT_FOUND_PAGE));
    app.setErrorHandler((_error, _request, reply) => reply.code(500).send(ERROR_PAGE));
    await app.listen({ host: '127.0.0.1', port: 0 });

    function forward(request: FastifyRequest, reply: FastifyReply): Promise<Response> {
      const gone = new AbortController();
      reply.raw.once('close', () => reply.raw.writableFinished || gone.abort());
      const headers = new Headers();
      for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
      const { method, body, ip: remoteAddress } = request;
      const sent =
        body === undefined ? {} : { body: body instanceof Readable ? Readable.toWeb(body) : JSON.stringify(body) };
      const init = { method, headers, signal: gone.signal, duplex: 'half', ...sent } as RequestInit;
      const url = new URL(request.url, 'http://fastify');
      return instance.fetch(new Request(url, init), { host: { mountPath, remoteAddress, raw: request } });
    }
    return serve(app.server, instance, mount, log);
  },
};
