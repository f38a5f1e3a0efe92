/**
 * Nexus in the App Router of Next 15 and 16, on its Node runtime.
 *
 * ```ts
 * // app/api/ai/[...path]/route.ts
 * import { nexus } from 'nexus-ai/next';
 *
 * export const { GET, HEAD, POST, DELETE, OPTIONS } = nexus(
 *   { llm: { providers: { openai: { type: 'openai', apiKey: process.env.OPENAI_API_KEY } } } },
 *   { basePath: '/api/ai' },
 * );
 * ```
 */
import { isNexus, type Nexus, NexusError, type NexusOptions } from '../../core/index.ts';
import type { ConfigOrNexus } from '../host.ts';
import { type Holder, holdInstance } from './instance.ts';

export type { ConfigOrNexus } from '../host.ts';

export interface NextOptions extends NexusOptions {
  /**
   * Where the route stands, as clients see it: `/api/ai` for `app/api/ai/[...path]/route.ts`, behind the `basePath` of
   * next.config where there is one. Its paths count from there.
   */
  basePath: string;
}

export type RouteHandler = (request: Request) => Promise<Response>;

export interface NextRoute {
  readonly GET: RouteHandler;
  readonly HEAD: RouteHandler;
  readonly POST: RouteHandler;
  readonly PUT: RouteHandler;
  readonly PATCH: RouteHandler;
  readonly DELETE: RouteHandler;
  readonly OPTIONS: RouteHandler;
  /** For the rest of the application: the instance behind the route, which is the same in every bundle of it. */
  readonly instance: Nexus;
}

/**
 * Handlers for a catch-all route. Everything below it is answered by Nexus, what it does not know with 404. `identify` is
 * given Next's request.
 *
 * Next loads a file once per bundle that contains it, and again after every change of it. An instance that is made here
 * is therefore kept by the process under its `basePath`, and taken over as long as the configuration is the same; after a
 * change the earlier one ends its requests and closes. Nothing is made while Next builds, when keys are not there yet.
 * Throws `config_invalid` otherwise.
 */
export function nexus(configOrNexus: ConfigOrNexus, { basePath, ...options }: NextOptions): NextRoute {
  // JavaScript can leave it out, and without its slash every path would be unknown.
  if (typeof basePath !== 'string' || !basePath.startsWith('/')) {
    throw new NexusError(
      'config_invalid',
      'basePath must be where the route stands, with a slash before it: "/api/ai"',
    );
  }
  const mountPath = basePath.replace(/\/+$/, '');
  const holder: Holder = isNexus(configOrNexus)
    ? { instance: configOrNexus }
    : holdInstance(mountPath, configOrNexus, options);
  const handle: RouteHandler = async (request) => {
    try {
      const path = pathBelow(mountPath, new URL(request.url).pathname);
      return await holder.instance.fetch(request, { host: { mountPath, path } });
    } catch (error) {
      // Nobody reads it, and thrown it would stand in Next's log as a fault.
      if (request.signal.aborted) return new Response(null, { status: 499 });
      throw error;
    }
  };
  return {
    GET: handle,
    HEAD: handle,
    POST: handle,
    PUT: handle,
    PATCH: handle,
    DELETE: handle,
    OPTIONS: handle,
    get instance() {
      return holder.instance;
    },
  };
}

/** Next takes its own `basePath` off before it asks a route, so that a path may begin within the mount path. */
function pathBelow(mountPath: string, pathname: string): string {
  for (let at = 0; at >= 0; at = mountPath.indexOf('/', at + 1)) {
    const mount = mountPath.slice(at);
    if (pathname.startsWith(`${mount}/`)) return pathname.slice(mount.length);
  }
  return '';
}
