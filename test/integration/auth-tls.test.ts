import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { fileURLToPath } from 'node:url';
import { createNexus } from 'nexus-ai';
import { type ListenOptions, listen } from 'nexus-ai/node';
import { afterEach, describe, expect, it } from 'vitest';

const file = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../fixtures/mcp/tls/${name}`, import.meta.url)), 'utf8');
const TLS = { certificate: file('server.pem'), key: file('server-key.pem') };
const HEALTH = { host: '127.0.0.1', port: 0, path: '/health' };

let close: (() => Promise<void>) | undefined;
afterEach(() => close?.());

async function serve(options: ListenOptions) {
  const instance = createNexus({
    llm: { discovery: { enabled: false }, providers: { openai: { type: 'openai', apiKey: 'sk-up' } } },
  });
  const server = await listen(instance, { port: 0, ...options });
  close = () => server.close({ drain: 0 });
  return server;
}

function get(url: string, ca?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    // The certificate is one for this name.
    request(url, { ...(ca === undefined ? {} : { ca }), agent: false, servername: 'localhost' }, (response) => {
      let text = `${response.statusCode} `;
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  });
}

describe('HTTPS', () => {
  it('is spoken with the certificate that is given', async () => {
    const { url } = await serve({ tls: TLS });
    expect(url).toMatch(/^https:/);
    expect(await get(`${url}/health`, file('ca.pem'))).toBe('200 {"status":"healthy"}');
    await expect(get(`${url}/health`)).rejects.toThrow(/certificate/);
    await expect(fetch(`${url.replace('https', 'http')}/health`)).rejects.toThrow();
  });

  it('is not spoken with something that is no certificate', async () => {
    await expect(serve({ tls: { certificate: 'none', key: 'none' } })).rejects.toThrow();
  });
});

describe('a listener for health alone', () => {
  it('answers there and nowhere else', async () => {
    const { url, healthUrl } = await serve({ health: HEALTH });
    const health = String(healthUrl);
    const status = async (address: string) => (await fetch(address)).status;
    expect(health).toMatch(/\/health$/);
    expect(await status(health)).toBe(200);
    expect(await status(`${url}/health`)).toBe(404);
    expect(await status(`${url}/llm/v1/models`)).toBe(200);
    expect(await status(health.replace('/health', '/llm/v1/models'))).toBe(404);
  });

  it('leaves the path to the application', async () => {
    const { url } = await serve({ health: HEALTH, otherwise: (_request, response) => response.end('mine') });
    expect(await (await fetch(`${url}/health`)).text()).toBe('mine');
  });

  it('speaks HTTPS where the other does, and closes with it', async () => {
    const server = await serve({ health: HEALTH, tls: TLS });
    expect(await get(String(server.healthUrl), file('ca.pem'))).toBe('200 {"status":"healthy"}');
    await server.close({ drain: 0 });
    await expect(get(String(server.healthUrl), file('ca.pem'))).rejects.toThrow(/ECONNREFUSED/);
  });

  it('that cannot be opened leaves nothing open', async () => {
    const taken = await serve({});
    const port = Number(new URL(taken.url).port);
    await expect(serve({ health: { ...HEALTH, port } })).rejects.toThrow(/EADDRINUSE/);
    close = () => taken.close({ drain: 0 });
  });
});
