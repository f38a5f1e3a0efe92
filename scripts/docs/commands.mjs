// Every ```sh block that is a curl command runs against the standalone example, whose demo answers without any key.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { startProcess } from '../../examples/start-process.mjs';
import { root } from './pages.mjs';

const KEYLESS = { OPENAI_API_KEY: '', ANTHROPIC_API_KEY: '' };

export async function checkCommands(pages) {
  const blocks = [...pages.values()].flatMap((page) => page.blocks);
  const calls = blocks.filter(({ language, body }) => language === 'sh' && /^curl /.test(body));
  const program = join(root, 'dist/cli.js');
  const file = join(root, 'examples/standalone/nexus.toml');
  const server = await startProcess([program, 'serve', '-c', file, '-l', '127.0.0.1:0'], KEYLESS);
  const complaints = calls.flatMap(({ file, line, body }) => {
    const command = body
      .replaceAll(/http:\/\/(?:localhost|127\.0\.0\.1):\d+/g, server.url)
      .replaceAll(/^curl /gm, 'curl --silent --show-error --fail-with-body --max-time 20 ');
    const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', command], { encoding: 'utf8' });
    return status === 0 ? [] : [`${file}:${line} ended with ${status}: ${stdout}${stderr}`];
  });
  await server.stop();
  return { calls: calls.length, complaints };
}
