import type { Server } from 'node:http';
import { type HttpBindings, serve as listen } from '@hono/node-server';
import { Hono } from 'hono';
import { compress } from 'hono/compress';
import { logger } from 'hono/logger';
import { createInstance, ERROR_PAGE, GUIDE, type Host, NOT_FOUND_PAGE, prefixOf, serve } from './host.ts';

type Environment = { Bindings: HttpBindings; Variables: { user?: string | undefined } };
type HonoContext = { get(key: 'user'): string | undefined };

/** A server of Web requests; resolves when it listens. */
function listenFor(fetch: Parameters<typeof listen>[0]['fetch']): Promise<Server> {
  return new Promise((resolve) => {
    const server = listen({ fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(server as Server));
  });
}

export const honoHost: Host = {
  name: 'Hono 4',
  mounts: ['root', 'prefix', 'dressed'],
  compresses: true,
  async open(mount, upstream) {
    const instance = createInstance<HonoContext>(upstream, (context) => context.get('user'));
    const log: string[] = [];
    const app = new Hono<Environment>();
    const mountPath = prefixOf(mount);
    if (mount === 'dressed') {
      app.use(logger((line) => void (line.startsWith('-->') && log.push(line.replace(/^--> /, '')))));
      app.use(compress({ threshold: 0 }));
    }
    app.use((c, next) => {
      c.set('user', c.req.header('x-host-user'));
      return next();
    });
    app.use(async (c, next) => {
      const path = c.req.path.slice(mountPath.length);
      if (!c.req.path.startsWith(mountPath) || !instance.owns(path)) return next();
      const { remoteAddress } = c.env.incoming.socket;
      return instance.fetch(c.req.raw, { host: { mountPath, remoteAddress, raw: c } });
    });
    app.post('/echo', async (c) => c.json({ got: await c.req.json() }));
    app.get('/llm-guide', (c) => c.text(GUIDE));
    app.get('/boom', () => {
      throw new Error('boom');
    });
    app.notFound((c) => c.text(NOT_FOUND_PAGE, 404));
    app.onError((_error, c) => c.text(ERROR_PAGE, 500));
    return serve(await listenFor(app.fetch as Parameters<typeof listen>[0]['fetch']), instance, mount, log);
  },
};

/** No framework: a function from `Request` to `Response`. */
export const fetchHost: Host = {
  name: 'fetch',
  mounts: ['root', 'prefix'],
  compresses: false,
  async open(mount, upstream) {
    const instance = createInstance<Request>(upstream, ({ headers }) => headers.get('x-host-user') ?? undefined);
    const mountPath = prefixOf(mount);
    const server = await listenFor(async (request: Request) => {
      const { pathname } = new URL(request.url);
      if (pathname.startsWith(mountPath) && instance.owns(pathname.slice(mountPath.length))) {
        return instance.fetch(request, { host: { mountPath } });
      }
      if (pathname === '/echo') return Response.json({ got: await request.json() });
      if (pathname === '/llm-guide') return new Response(GUIDE);
      if (pathname === '/boom') return new Response(ERROR_PAGE, { status: 500 });
      return new Response(NOT_FOUND_PAGE, { status: 404 });
    });
    return serve(server, instance, mount, []);
  },
};
