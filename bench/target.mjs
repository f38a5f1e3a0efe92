// One contestant per process: node bench/target.mjs NAME, with UPSTREAM in the environment. Prints its address.
//
//   limit           the least a router can do on Node: read the body, find the model, hand on, relay the answer
//   limit-express   the same, mounted in Express
//   limit-koa       the same, mounted in Koa
//   nexus           Nexus on nexus-ai/node
//   nexus-express   Nexus mounted in Express
//   nexus-koa       Nexus mounted in Koa
//   nexus-counted   Nexus that knows its callers and counts their requests and tokens
//   nexus-observed  Nexus with metrics, a log line for each request, and one request in a hundred traced
//   nexus-direct, nexus-direct-alias, nexus-route-1, nexus-route-2   Nexus on nexus-ai/node; what differs is what is asked
import http from 'node:http';

const { UPSTREAM } = process.env;
const [name] = process.argv.slice(2);
const DROPPED = new Set(['host', 'connection', 'keep-alive', 'transfer-encoding', 'content-length']);

const hasRoutes = /^nexus-(?:direct|route)/.test(name);
const ROUTES = {
  one: { targets: ['openai/bench'] },
  two: {
    strategy: 'weighted',
    targets: [
      { model: 'openai/bench', weight: 3 },
      { model: 'second/bench', weight: 1 },
    ],
  },
};

function keptHeaders(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([header]) => !DROPPED.has(header)));
}

async function createLimit() {
  const { Pool } = await import('undici');
  const pool = new Pool(UPSTREAM, { connections: 256, headersTimeout: 0, bodyTimeout: 0 });
  return (request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
      if (typeof JSON.parse(body.toString()).model !== 'string') return response.writeHead(400).end();
      const call = { path: request.url, method: request.method, headers: keptHeaders(request.headers), body };
      pool.dispatch(call, {
        onRequestStart() {},
        onResponseStart(_controller, status, headers) {
          response.writeHead(status, keptHeaders(headers));
        },
        onResponseData(controller, chunk) {
          if (response.write(chunk)) return;
          controller.pause();
          response.once('drain', () => controller.resume());
        },
        onResponseEnd() {
          response.end();
        },
        onResponseError() {
          response.destroy();
        },
      });
    });
  };
}

/** Limits that are counted at every request and never reached. */
const COUNTED = {
  server: {
    clientIdentification: { enabled: true, clientId: { httpHeader: 'x-client' } },
    rateLimits: {
      enabled: true,
      global: { limit: 1_000_000_000, interval: '1m' },
      perIp: { limit: 1_000_000_000, interval: '1m' },
    },
  },
  llm: { tokenLimits: { everyone: { limit: 1_000_000_000_000, interval: '1m' } } },
};

/** What a service in production has on. Traces go to the provider, which takes them and forgets them. */
const OBSERVED = {
  telemetry: {
    prometheus: { enabled: true, public: true },
    logs: { requests: true, format: 'json' },
    exporters: { otlp: { enabled: true, endpoint: UPSTREAM, protocol: 'http' } },
    tracing: { sampling: 0.01 },
    metrics: { exporters: { otlp: { enabled: false } } },
  },
};

async function createInstance() {
  const { createNexus } = await import('nexus-ai');
  const counted = name === 'nexus-counted' ? COUNTED : undefined;
  const account = { apiKey: 'demo', baseUrl: `${UPSTREAM}/v1` };
  return createNexus({
    ...counted,
    ...(name === 'nexus-observed' && OBSERVED),
    llm: {
      ...counted?.llm,
      discovery: { enabled: false },
      providers: {
        openai: { type: 'openai', ...account, ...(hasRoutes && { models: { alias: { upstream: 'bench' } } }) },
        anthropic: { type: 'anthropic', ...account },
        ...(hasRoutes && { second: { type: 'openai', ...account } }),
      },
      ...(hasRoutes && { routes: ROUTES }),
    },
  });
}

async function createHandler() {
  if (name === 'limit') return createLimit();
  if (name.endsWith('-koa')) return createKoa();
  const { default: express } = await import('express');
  if (name === 'limit-express') return express().use(await createLimit());
  const { nexus } = await import('nexus-ai/express');
  return express().use(nexus(await createInstance()));
}

async function createKoa() {
  const { default: Koa } = await import('koa');
  const application = new Koa();
  if (name === 'nexus-koa') {
    const { nexus } = await import('nexus-ai/koa');
    return application.use(nexus(await createInstance())).callback();
  }
  const limit = await createLimit();
  const relay = (context) => {
    context.respond = false;
    limit(context.req, context.res);
  };
  return application.use(relay).callback();
}

if (['nexus', 'nexus-counted', 'nexus-observed'].includes(name) || hasRoutes) {
  const { listen } = await import('nexus-ai/node');
  console.log((await listen(await createInstance(), { host: '127.0.0.1', port: 0 })).url);
} else {
  const server = http.createServer({ noDelay: true }, await createHandler());
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
}
