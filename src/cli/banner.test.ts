import { describe, expect, it } from 'vitest';
import { parseConfig } from '../core/config/index.ts';
import { type BannerFacts, banner } from './banner.ts';
import { paintFor } from './console.ts';

const plain = paintFor({ write: () => {} }, {});
const colourful = paintFor({ isTTY: true, write: () => {} }, {});

const { config } = parseConfig({
  llm: {
    providers: {
      openai: { type: 'openai', models: { 'gpt-5': {} } },
      strict: { type: 'anthropic', apiKey: 'sk-secret', modelsOnly: true, models: { a: {}, b: {} } },
      bare: { type: 'openai' },
    },
  },
});

const facts: BannerFacts = {
  url: 'http://127.0.0.1:8000',
  endpoints: [
    { name: 'chat', method: 'POST', paths: ['/llm/v1/chat/completions', '/llm/chat/completions'] },
    { name: 'health', method: 'GET', paths: ['/health'] },
  ],
  config,
  demo: new Set(['openai']),
};

describe('banner', () => {
  it('begins with the address, alone on its line, whatever the terminal', () => {
    expect(banner(facts, plain).split('\n')[0]).toBe('nexus listening on http://127.0.0.1:8000');
    expect(banner(facts, colourful).split('\n')[0]).toBe('nexus listening on http://127.0.0.1:8000');
  });

  it('shows what is mounted and who answers', () => {
    const lines = banner(facts, plain).split('\n');
    expect(lines).toContain('  POST  /llm/v1/chat/completions  also /llm/chat/completions');
    expect(lines).toContain('  GET   /health');
    expect(lines).toContain('  openai  demo    gpt-5, and any other');
    expect(lines).toContain('  strict  real    a, b');
    expect(lines).toContain('  bare    no key  any model');
  });

  it('never shows a key', () => {
    expect(banner(facts, plain)).not.toContain('sk-secret');
  });

  it('mentions the demo only where there is one', () => {
    expect(banner(facts, plain)).toContain('fake provider');
    expect(banner({ ...facts, demo: new Set() }, plain)).not.toContain('fake provider');
  });

  const withProviders = (providers: Record<string, object>): BannerFacts => ({
    ...facts,
    config: parseConfig({ llm: { providers } }).config,
    demo: new Set(),
  });

  it('offers no model call where there is no provider, but the MCP endpoint', () => {
    const mcp = { name: 'mcp', method: 'POST', paths: ['/mcp'] };
    const config = parseConfig({ mcp: { servers: { files: { cmd: ['files'] } } } }).config;
    const text = banner({ ...facts, endpoints: [...facts.endpoints, mcp], config, demo: new Set() }, plain);
    expect(text).not.toContain('undefined');
    expect(text).not.toContain('Providers');
    expect(text).not.toContain('curl');
    expect(text).toContain('give any MCP client the URL http://127.0.0.1:8000/mcp');
  });

  it('offers commands that a shell can take', () => {
    const odd = withProviders({ bare: { type: 'openai' }, openai: { type: 'openai', models: { "it's": {}, b: {} } } });
    const text = banner({ ...odd, url: 'http://0.0.0.0:80' }, plain);
    expect(text).toContain('curl -s http://127.0.0.1:80/llm/v1/chat/completions ');
    expect(text).toContain(`"model":"openai/it'\\''s"`);
    expect(text).toContain('curl -s http://127.0.0.1:80/llm/v1/models');
    expect(text).toContain('"stream":true');
  });

  it('names some model where none is listed, and offers nothing where no chat is served', () => {
    expect(banner(withProviders({ a: { type: 'openai' } }), plain)).toContain('"model":"a/gpt-5-mini"');
    expect(banner(withProviders({ b: { type: 'anthropic' } }), plain)).toContain('"model":"b/claude-haiku-4-5"');
    expect(banner({ ...facts, endpoints: [] }, plain)).not.toContain('curl');
  });
});

describe('paintFor', () => {
  const terminal = { isTTY: true, write: () => {} };

  it('colours terminals', () => {
    expect(paintFor(terminal, {}).bold('x')).toBe('\u001b[1mx\u001b[22m');
    expect(paintFor(terminal, { NO_COLOR: '' }).bold('x')).toBe('\u001b[1mx\u001b[22m');
  });

  it.each([
    [{ write: () => {} }, {}],
    [terminal, { NO_COLOR: '1' }],
    [terminal, { TERM: 'dumb' }],
  ])('leaves the rest plain (%j, %j)', (output, env) => {
    expect(paintFor(output, env).accent('x')).toBe('x');
  });
});
