// docs/guide/mcp.md, "Inside the application": functions and servers of the application, and a client without a socket.
import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { createNexus } from 'nexus-ai';
import * as z from 'zod';

const config = {};
const client = new Client({ name: 'application', version: '1.0.0' });

function makeClockServer() {
  const server = new McpServer({ name: 'clock', version: '1.0.0' });
  server.registerTool('now', { description: 'Tells the time' }, () => ({
    content: [{ type: 'text', text: new Date().toISOString() }],
  }));
  return server;
}

// #region inside
const instance = createNexus(config, {
  tools: {
    add: {
      description: 'Adds two numbers',
      input: z.object({ a: z.number(), b: z.number() }),
      run: ({ a, b }) => ({ sum: a + b }),
    },
  },
  mcpServers: { clock: () => makeClockServer() }, // `McpServer` of either line of the SDK
});

await instance.mcp.listTools();
await instance.mcp.search('add numbers');
await instance.mcp.execute('local__add', { a: 1, b: 2 });
await client.connect(await instance.mcp.client()); // an SDK client, without a socket
// #endregion inside

const names = (await instance.mcp.listTools()).map(({ name }) => name);
assert.deepEqual(names.toSorted(), ['clock__now', 'local__add']);
const { structuredContent } = await instance.mcp.execute('local__add', { a: 1, b: 2 });
assert.deepEqual(structuredContent, { sum: 3 });
const { tools } = await client.listTools();
assert.deepEqual(tools.map(({ name }) => name).toSorted(), ['execute', 'search']);
await client.close();
await instance.close();
