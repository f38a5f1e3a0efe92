// The zod schema of the configuration as it is in the sources, with the zod it was made with, for the generators.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const SCHEMA = fileURLToPath(new URL('../src/core/config/schema/root.ts', import.meta.url));

/** `{ z, configSchema }` */
export async function loadConfigSchema() {
  const bundle = await build({
    stdin: {
      contents: `export * as z from 'zod'; export { configSchema } from ${JSON.stringify(SCHEMA)};`,
      resolveDir: fileURLToPath(new URL('..', import.meta.url)),
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
  });
  return import(`data:text/javascript;base64,${Buffer.from(bundle.outputFiles[0].contents).toString('base64')}`);
}
