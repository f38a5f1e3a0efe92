// One contestant per process: node bench/target.mjs NAME, with UPSTREAM in the environment. Prints its address.
//
//   limit           the least a router can do on Node: read the body, find the model, hand on, relay the answer
//   limit-express   the same, mounted in Express
//   nexus           Nexus on nexus-ai/node
//   nexus-express   Nexus mounted in Express
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

async function createInstance() {
  const { createNexus } = await import('nexus-ai');
  const account = { apiKey: 'demo', baseUrl: `${UPSTREAM}/v1` };
  return createNexus({
    llm: {
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
  const { default: express } = await import('express');
  if (name === 'limit-express') return express().use(await createLimit());
  const { nexus } = await import('nexus-ai/express');
  return express().use(nexus(await createInstance()));
}

if (name === 'nexus' || hasRoutes) {
  const { listen } = await import('nexus-ai/node');
  console.log((await listen(await createInstance(), { host: '127.0.0.1', port: 0 })).url);
} else {
  const server = http.createServer({ noDelay: true }, await createHandler());
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
}
