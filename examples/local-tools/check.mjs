// Starts server.mjs and uses its tools as an MCP client does.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { startProcess } from '../start-process.mjs';

const server = await startProcess([fileURLToPath(new URL('server.mjs', import.meta.url))], { PORT: '0' });
const client = new Client({ name: 'check', version: '1.0.0' });
await client.connect(
  new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit: { headers: { 'x-user': 'ann' } } }),
);

const { tools } = await client.listTools();
assert.deepEqual(tools.map(({ name }) => name).toSorted(), ['local__find_order', 'local__opening_hours']);

const find = (number) => client.callTool({ name: 'local__find_order', arguments: { number } });
const found = await find('A-17');
assert.deepEqual(found.structuredContent, { item: 'teapot', state: 'packed' });
const foreign = await find('B-04');
assert.equal(foreign.isError, true, "another customer's order is not there");
assert.match(foreign.content[0].text, /You have no order B-04/);
await client.close();

const hours = await fetch(`${server.url}/hours`);
assert.equal(await hours.text(), 'Monday to Friday, 9 to 18.');
assert.equal(await server.stop(), 0);
