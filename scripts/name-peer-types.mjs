// The last step of a build: declarations name the types of the optional peer `openai` as `#openai`, which is a file that stands
// beside them, under one name for ESM and another for CommonJS (src/core/clients/openai-peer.d.ts).
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
for (const file of readdirSync(dist)) {
  const [, kind] = /\.d\.(c?)ts$/.exec(file) ?? [];
  if (kind === undefined) continue;
  const text = readFileSync(dist + file, 'utf8');
  const named = text.replaceAll("'#openai'", `'./openai-peer.${kind}js'`);
  if (named !== text) writeFileSync(dist + file, named);
}
