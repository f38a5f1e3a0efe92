/*
 * Nexus as the client of the public MCP conformance suite: the suite starts a server, and this program with the server's
 * URL as last argument. The server is the only one behind a Nexus in this process; a client of it lists everything, reads
 * it and calls every tool, so that what the suite sees is what Nexus says to servers. Needs what `npm run build` makes.
 *
 *   conformance client --command 'node scripts/mcp-conformance-client.mjs' --scenario tools_call
 *
 * MCP_CONFORMANCE_CONTEXT (JSON) may bring calls to make and credentials; MCP_CONFORMANCE_PROTOCOL_VERSION says what the
 * client speaks.
 */
import process from 'node:process';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createNexus } from 'nexus-ai';
import { listen } from 'nexus-ai/node';
import * as z from 'zod';

const DEADLINE_MS = 25_000;
const MODERN = '2026-07-28';
const url = process.argv.at(-1);
const given = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}');
const isModern = process.env['MCP_CONFORMANCE_PROTOCOL_VERSION'] === MODERN;
const AnyResult = z.looseObject({});

function authOf({ client_id, client_secret, private_key_pem, signing_algorithm }) {
  if (client_id === undefined) return undefined;
  const type = 'client_credentials';
  if (private_key_pem === undefined) return { type, clientId: client_id, clientSecret: client_secret };
  return { type, clientId: client_id, privateKey: private_key_pem, signingAlgorithm: signing_algorithm };
}

/** An argument of the type a schema asks for, where it asks for one. */
function example({ type, enum: values, default: usual } = {}) {
  if (usual !== undefined) return usual;
  if (Array.isArray(values)) return values[0];
  switch (type) {
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return true;
    case 'array':
      return [];
    case 'object':
      return {};
    default:
      return 'text';
  }
}

function argumentsFor({ properties = {}, required = [] } = {}) {
  return Object.fromEntries(required.map((name) => [name, example(properties[name])]));
}

const auth = authOf(given);
const nexus = createNexus(
  { mcp: { servers: { suite: { url, ...(auth === undefined ? {} : { auth }) } } } },
  { logger: { debug() {}, info() {}, warn: console.error, error: console.error } },
);
const capabilities = { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} };
const client = new Client(
  { name: 'conformance', version: '1' },
  { capabilities, versionNegotiation: { mode: isModern ? { pin: MODERN } : 'legacy' } },
);
client.setRequestHandler('elicitation/create', ({ params }) => {
  const content = {};
  for (const [name, property] of Object.entries(params.requestedSchema?.properties ?? {})) {
    if (property.default === undefined) content[name] = example(property);
  }
  return { action: 'accept', content };
});
client.setRequestHandler('sampling/createMessage', () => ({
  role: 'assistant',
  model: 'none',
  content: { type: 'text', text: 'sampled' },
}));
client.setRequestHandler('roots/list', () => ({ roots: [] }));

/** What is offered is tried, one after the other; the suite also offers what fails, and judges only what it was sent. */
async function attempt(what, use) {
  try {
    return await use();
  } catch (error) {
    console.error(`${what}: ${error.message}`);
    return {};
  }
}

const ask = (method, params = {}) => attempt(method, () => client.request({ method, params }, AnyResult));

/** The calls the suite wants, or one of every tool. */
function callsOf(tools) {
  if (given.toolCalls !== undefined) return given.toolCalls;
  const [{ inputSchema: schema } = {}] = tools;
  return tools.map((tool) => ({
    name: tool.name,
    arguments: tool.name === 'json_schema_echo' ? { schema } : argumentsFor(tool.inputSchema),
  }));
}

const deadline = setTimeout(() => process.exit(1), DEADLINE_MS);
const server = await listen(nexus, { port: 0 });
try {
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp/suite', server.url)));
  const { tools = [] } = await ask('tools/list');
  // For the headers this client has to send by itself.
  await attempt('tools/list', () => client.listTools());
  const { prompts = [] } = await ask('prompts/list');
  for (const { name } of prompts) await ask('prompts/get', { name });
  const { resources = [] } = await ask('resources/list');
  for (const { uri } of resources) await ask('resources/read', { uri });
  for (const params of callsOf(tools)) await attempt(params.name, () => client.callTool(params));
} finally {
  await client.close();
  await server.close({ drain: 0 });
  clearTimeout(deadline);
}
