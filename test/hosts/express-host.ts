import { createServer } from 'node:http';
import compression from 'compression';
import express from 'express';
import express4 from 'express4';
import morgan from 'morgan';
import { nexus } from 'nexus-ai/express';
import { createInstance, ERROR_PAGE, GUIDE, type Host, MOUNTS, NOT_FOUND_PAGE, prefixOf, serve } from './host.ts';

type WithUser = express.Request & { user?: string };

function expressHost(name: string, framework: typeof express): Host {
  return {
    name,
    mounts: MOUNTS,
    compresses: true,
    open(mount, upstream) {
      const instance = createInstance<WithUser>(upstream, ({ user }) => user);
      const log: string[] = [];
      const app = framework();
      if (mount === 'dressed') {
        app.use(morgan(':method :url :status', { stream: { write: (line) => void log.push(line.trim()) } }));
        app.use(compression({ threshold: 0 }));
      }
      app.use((request: WithUser, _response, next) => {
        const user = request.get('x-host-user');
        if (user !== undefined) request.user = user;
        next();
      });
      if (mount === 'parser') app.use(framework.json());
      app.use(prefixOf(mount) || '/', nexus(instance));
      app.post('/echo', framework.json(), (request, response) => void response.json({ got: request.body }));
      app.get('/llm-guide', (_request, response) => void response.send(GUIDE));
      app.get('/boom', () => {
        throw new Error('boom');
      });
      app.use((_request, response) => void response.status(404).send(NOT_FOUND_PAGE));
      const errorPage: express.ErrorRequestHandler = (_error, _request, response, _next) =>
        void response.status(500).send(ERROR_PAGE);
      app.use(errorPage);
      return serve(createServer(app), instance, mount, log);
    },
  };
}

export const express4Host = expressHost('Express 4', express4);
export const express5Host = expressHost('Express 5', express);
