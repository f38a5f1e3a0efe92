import { createServer } from 'node:http';
import { bodyParser } from '@koa/bodyparser';
import Koa from 'koa';
import compress from 'koa-compress';
import mount from 'koa-mount';
import Koa2 from 'koa2';
import { nexus } from 'nexus-ai/koa';
import { createInstance, ERROR_PAGE, GUIDE, type Host, MOUNTS, NOT_FOUND_PAGE, prefixOf, serve } from './host.ts';

function koaHost(name: string, Framework: typeof Koa): Host {
  return {
    name,
    mounts: MOUNTS,
    compresses: true,
    open(kind, upstream) {
      const instance = createInstance<Koa.Context>(upstream, ({ state }) => state['user']);
      const log: string[] = [];
      const app = new Framework();
      app.silent = true;
      if (kind === 'dressed') {
        app.use(async (ctx, next) => {
          await next();
          log.push(`${ctx.method} ${ctx.url} ${ctx.status}`);
        });
        app.use(compress({ threshold: 0 }));
      }
      app.use(async (ctx, next) => {
        try {
          await next();
          if (ctx.status === 404 && ctx.body === undefined) [ctx.status, ctx.body] = [404, NOT_FOUND_PAGE];
        } catch {
          [ctx.status, ctx.body] = [500, ERROR_PAGE];
        }
      });
      app.use((ctx, next) => {
        ctx.state['user'] = ctx.get('x-host-user') || undefined;
        return next();
      });
      if (kind === 'parser') app.use(bodyParser());
      const middleware = nexus(instance);
      app.use(kind === 'prefix' ? mount(prefixOf(kind) || '/', middleware) : middleware);
      app.use(bodyParser());
      app.use((ctx) => {
        if (ctx.path === '/echo') ctx.body = { got: ctx.request.body };
        else if (ctx.path === '/llm-guide') ctx.body = GUIDE;
        else if (ctx.path === '/boom') throw new Error('boom');
      });
      return serve(createServer(app.callback()), instance, kind, log);
    },
  };
}

export const koa2Host = koaHost('Koa 2', Koa2);
export const koa3Host = koaHost('Koa 3', Koa);
