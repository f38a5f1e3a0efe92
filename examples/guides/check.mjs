// Runs the programs the guides show. Each asserts what its guide says of it; their regions are copied into the pages.
import { fake } from './support.mjs';

for (const name of ['cost', 'fastify', 'hono', 'identity', 'in-process', 'mcp', 'testing', 'vendor']) {
  await import(new URL(`${name}.mjs`, import.meta.url).href);
}
await fake.close();
