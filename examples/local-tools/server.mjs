// Functions of an application as MCP tools: any MCP client at /mcp, and the application itself, can use them.
//
//   node examples/local-tools/server.mjs
//   claude mcp add --transport http shop http://127.0.0.1:3000/mcp
import express from 'express';
import { createNexus } from 'nexus-ai';
import { nexus } from 'nexus-ai/express';
import * as z from 'zod';

const { PORT = '3000' } = process.env;

const orders = new Map([
  ['A-17', { customer: 'ann', item: 'teapot', state: 'packed' }],
  ['B-04', { customer: 'bob', item: 'lamp', state: 'sent' }],
]);

const instance = createNexus(
  { mcp: { tools: 'all' } },
  {
    // Who calls is what the application says, whatever a client claims. A real one looks at its session.
    identify: (_exchange, request) => ({ id: request.get('x-user') ?? 'nobody' }),
    tools: {
      find_order: {
        description: 'Finds one of your orders by its number',
        input: z.object({ number: z.string().describe('As in A-17') }),
        run({ number }, { principal }) {
          const order = orders.get(number);
          if (order === undefined || order.customer !== principal?.id) throw new Error(`You have no order ${number}`);
          return { item: order.item, state: order.state };
        },
      },
      opening_hours: {
        description: 'Tells when the shop is open',
        run: () => 'Monday to Friday, 9 to 18.',
      },
    },
  },
);

const app = express();
app.use(nexus(instance));

// The same tools without a socket: here in a page of the application.
app.get('/hours', async (_request, response) => {
  const { content } = await instance.mcp.execute('local__opening_hours', {});
  response.send(content[0].text);
});

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});

process.once('SIGTERM', async () => {
  server.close();
  await instance.close();
});
