/**
 * Nexus in Koa 2 and 3.
 *
 * ```js
 * import { nexus } from 'nexus-ai/koa';
 *
 * app.use(nexus({ llm: { providers: { openai: { type: 'openai', apiKey } } } }));
 * app.use(mount('/ai', nexus(instance))); // under a prefix (koa-mount), with an instance of your own
 * ```
 */
import type { NexusOptions } from '../../core/index.ts';
import { type ConfigOrNexus, toNexus } from '../host.ts';
import { NodeExchange } from '../node/node-exchange.ts';
import { sendReply } from '../node/send-reply.ts';
import { type KoaContext, mountPathOf, respond } from './context.ts';

export type { ConfigOrNexus } from '../host.ts';
export type { KoaContext } from './context.ts';

export type KoaMiddleware = (ctx: KoaContext, next: () => Promise<unknown>) => Promise<unknown>;

/**
 * A middleware that serves Nexus's paths below where it is mounted and hands every other request on untouched. Answers
 * through `ctx.status`, headers and `ctx.body`, so that middleware around it sees them. A body parser may stand before
 * it. `identify` is given `ctx`. Throws `config_invalid`. Close the instance yourself when you made it yourself; one made
 * here lives as long as the process.
 */
export function nexus(configOrNexus: ConfigOrNexus, options?: NexusOptions): KoaMiddleware {
  const instance = toNexus(configOrNexus, options);
  return async (ctx, next) => {
    const { req, res } = ctx;
    const url = req.url ?? '/';
    const exchange = new NodeExchange(req, res, url, mountPathOf(ctx.originalUrl, url), ctx, ctx.request);
    if (!instance.owns(exchange.path)) return next();
    const reply = await instance.handle(exchange);
    // The host took the response into its own hands, so Koa will not send what stands in the context.
    if (ctx.respond === false) sendReply(res, reply);
    else respond(ctx, reply);
    return undefined;
  };
}
