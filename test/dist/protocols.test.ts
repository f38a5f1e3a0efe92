// Which protocols the built package has loaded, and when: as CommonJS, whose cache shows it.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const exec = promisify(execFile);

let provider: FakeProvider;

beforeAll(async () => {
  provider = await createFakeProvider();
});
afterAll(() => provider.close());

/** What the steps told: statuses and other words, each with the protocols that were loaded by then. */
async function run(steps: string): Promise<string[]> {
  const program = `
    const { createNexus } = require('nexus-ai');
    const CHUNK = /dist.(openai-responses|anthropic-messages|google-generate|bedrock-converse)-\\w+\\.cjs$/;
    const protocols = () => Object.keys(require.cache).flatMap((path) => CHUNK.exec(path)?.[1] ?? []);
    const told = [];
    const tell = (what) => told.push([what, ...protocols()].join(' '));
    const create = (...types) => {
      const settings = { apiKey: 'demo', baseUrl: '${provider.url}/v1' };
      const providers = Object.fromEntries(types.map((type) => [type, { type, ...settings }]));
      return createNexus({ llm: { discovery: { enabled: false }, providers } });
    };
    const send = (instance, path, body, signal) => {
      const headers = { 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body: JSON.stringify(body), signal };
      return instance.fetch(new Request('http://host' + path, init));
    };
    const ask = async (...request) => {
      const answer = await send(...request);
      tell(answer.status + ((await answer.text()).includes('error') ? ' error' : ''));
    };
    const messages = [{ role: 'user', content: 'Hi' }];
    const contents = [{ role: 'user', parts: [{ text: 'Hi' }] }];
    (async () => { ${steps}; console.log(JSON.stringify(told)); })();`;
  const { stdout } = await exec(process.execPath, ['--input-type=commonjs', '--eval', program], { cwd: root });
  return JSON.parse(stdout) as string[];
}

describe('protocols', () => {
  it('are loaded with the first request in them, and none before', async () => {
    const told = await run(`
      const instance = create('openai');
      tell('created');
      await instance.ready();
      tell('ready');
      await ask(instance, '/llm/v1/chat/completions', { model: 'openai/m', messages });
      await ask(instance, '/llm/v1/messages', { model: 'openai/m', max_tokens: 9, messages });
      await ask(instance, '/llm/v1/messages/count_tokens', { model: 'openai/m', messages });
      await ask(instance, '/llm/google/v1beta/models/openai/m:generateContent', { contents });
      await ask(instance, '/llm/v1/responses', { model: 'openai/m', input: 'Hi' });
      await instance.close();`);
    const [messages, google, responses] = ['anthropic-messages', 'google-generate', 'openai-responses'];
    expect(told).toEqual([
      'created',
      'ready',
      '200',
      `200 ${messages}`,
      `200 ${messages}`,
      `200 ${messages} ${google}`,
      // An answer of this format has a member of that name.
      `200 error ${messages} ${google} ${responses}`,
    ]);
  });

  it('are loaded for their errors no sooner than for their answers', async () => {
    const told = await run(`
      const instance = create('openai');
      for (const path of ['/llm/v1/messages', '/llm/google/v1beta/none']) {
        const answer = await instance.fetch(new Request('http://host' + path));
        tell(answer.status + ' ' + Object.keys((await answer.json()).error));
      }
      const listed = await instance.fetch(new Request('http://host/llm/google/v1beta/models'));
      tell(listed.status + ' ' + Object.keys(await listed.json()));
      await instance.close();`);
    expect(told).toEqual(['405 type,message', '405 code,message,status,details', '200 models']);
  });

  it('are loaded with the first call to a provider that speaks them, or by ready()', async () => {
    const told = await run(`
      const instance = create('anthropic', 'google');
      tell('created');
      await ask(instance, '/llm/v1/chat/completions', { model: 'anthropic/m', messages });
      await ask(instance, '/llm/v1/chat/completions', { model: 'google/m', messages });
      await instance.close();`);
    expect(told).toEqual(['created', '200 anthropic-messages', '200 anthropic-messages google-generate']);
    const ready = await run(`
      const instance = create('openai', 'anthropic');
      await instance.ready();
      tell('ready');
      await ask(instance, '/llm/v1/chat/completions', { model: 'anthropic/m', messages });
      await instance.close();`);
    expect(ready).toEqual(['ready anthropic-messages', '200 anthropic-messages']);
  });

  it('leave a client that goes while they are loaded to itself: nobody is called for it', async () => {
    const asked = provider.requests.length;
    const told = await run(`
      const instance = create('anthropic');
      const ends = new Promise((resolve) => instance.on('request', ({ status, error }) => resolve(status + ' ' + error)));
      const leaving = new AbortController();
      const body = { model: 'anthropic/m', max_tokens: 9, messages };
      const left = send(instance, '/llm/v1/messages', body, leaving.signal).then(() => 'answered', ({ name }) => name);
      leaving.abort();
      tell(await left);
      tell(await ends);
      await instance.close();`);
    expect(told).toEqual(['AbortError anthropic-messages', '499 client_closed anthropic-messages']);
    expect(provider.requests.length).toBe(asked);
  });
});
