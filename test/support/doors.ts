import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createNexus, type Nexus, type NexusConfig, type NexusOptions } from 'nexus-ai';
import { nexus } from 'nexus-ai/express';
import { listen } from 'nexus-ai/node';
import OpenAI from 'openai';

/** A way into an instance: what a stock OpenAI client needs to use it. */
export interface Door {
  readonly instance: Nexus;
  readonly baseURL: string;
  readonly fetch?: typeof globalThis.fetch;
  close(): Promise<void>;
}

export type DoorName = keyof typeof DOORS;

/** Every way in that this release has. The same tests walk through all of them. */
export const DOORS = {
  'express, at the root': (instance) => expressDoor(instance, (app) => app.use(nexus(instance)), '/llm/v1'),
  'express, under a prefix': (instance) =>
    expressDoor(instance, (app) => app.use('/ai', nexus(instance)), '/ai/llm/v1'),
  'express, behind express.json()': (instance) =>
    expressDoor(instance, (app) => app.use(express.json({ limit: '1mb' })).use(nexus(instance)), '/llm/v1'),
  'node:http': async (instance) => {
    const server = await listen(instance, { port: 0 });
    return { instance, baseURL: `${server.url}/llm/v1`, close: () => server.close({ drain: 0 }) };
  },
  'in process': async (instance) => ({
    instance,
    baseURL: 'http://nexus/llm/v1',
    fetch: instance.fetch as typeof globalThis.fetch,
    close: () => instance.close(),
  }),
} satisfies Record<string, (instance: Nexus) => Promise<Door>>;

export function openDoor(name: DoorName, config: NexusConfig, options?: NexusOptions): Promise<Door> {
  return DOORS[name](createNexus(config, options));
}

/** Both vendors behind one fake provider, which is asked nothing but what clients ask. */
export function bothVendors(upstream: string, more: Partial<NonNullable<NexusConfig['llm']>> = {}): NexusConfig {
  const baseUrl = `${upstream}/v1`;
  return {
    llm: {
      discovery: { enabled: false },
      // What one call comes to; being called again is the failover tests' business.
      retry: { attempts: 1 },
      ...more,
      providers: {
        openai: { type: 'openai', apiKey: 'sk-upstream-openai', baseUrl },
        anthropic: { type: 'anthropic', apiKey: 'sk-upstream-anthropic', baseUrl },
      },
    },
  };
}

export function clientFor(door: Door, options: { maxRetries?: number } = {}): OpenAI {
  return new OpenAI({
    apiKey: 'sk-caller',
    baseURL: door.baseURL,
    maxRetries: options.maxRetries ?? 0,
    ...(door.fetch === undefined ? {} : { fetch: door.fetch }),
  });
}

async function expressDoor(
  instance: Nexus,
  mount: (app: ReturnType<typeof express>) => unknown,
  path: string,
): Promise<Door> {
  const app = express();
  mount(app);
  const server = await new Promise<Server>((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  return {
    instance,
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    async close() {
      await instance.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
