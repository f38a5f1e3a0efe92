import { express4Host, express5Host } from './express-host.ts';
import { fastifyHost } from './fastify-host.ts';
import { fetchHost, honoHost } from './fetch-hosts.ts';
import { describeHost, printTable } from './host-suite.ts';
import { koa2Host, koa3Host } from './koa-host.ts';
import { nodeHost } from './node-host.ts';

for (const host of [express4Host, express5Host, koa2Host, koa3Host, nodeHost, fastifyHost, honoHost, fetchHost]) {
  describeHost(host);
}
printTable();
