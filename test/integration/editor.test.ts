// The types as people meet them: what an editor shows for a literal configuration, and what it offers.
import { describe, expect, it } from 'vitest';
import { openInEditor } from '../support/editor.ts';

const SOURCE = `
import { createNexus, type NexusConfig } from 'nexus-ai';

const nexus = createNexus(
  {
    llm: {
      providers: {
        openai: { type: 'openai', apiKey: 'test', models: { quick: { upstream: 'gpt-5-mini' }, deep: {} } },
        anthropic: { type: 'anthropic', apiKey: 'test' },
      },
      routes: { smart: { strategy: '', targets: ['openai/quick'] } },
    },
    mcp: { servers: { files: { cmd: ['files'] } } },
  },
  { tools: { add: { run: () => 1 } } },
);
const read = createNexus({} as NexusConfig);
const client = await nexus.openai();
await client.chat.completions.create({ messages: [], model: '' });
await client.chat.completions.create({ stream: true, messages: [], model: '' });
await client.responses.create({ input: 'Hello', model: '' });
await nexus.explain({ model: '' });
await nexus.mcp.execute('');
await nexus.mcp.client({ server: '' });
`;

describe('an editor', { timeout: 180_000 }, () => {
  const editor = openInEditor('test/integration/editor-source.ts', SOURCE);

  it('shows types that can be read', () => {
    expect(editor.hover('nexus =')).toBe(
      'const nexus: Nexus<"smart" | "openai/quick" | "openai/deep", "local__add", "files">',
    );
    expect(editor.hover('read =')).toBe('const read: Nexus<string, never, string>');
    expect(editor.hover('client =')).toBe('const client: NexusOpenAI<"smart" | "openai/quick" | "openai/deep">');
  });

  it.each([
    ["{ messages: [], model: ''", ['openai/deep', 'openai/quick', 'smart']],
    ["{ stream: true, messages: [], model: ''", ['openai/deep', 'openai/quick', 'smart']],
    ["input: 'Hello', model: ''", ['openai/deep', 'openai/quick', 'smart']],
    ["explain({ model: ''", ['openai/deep', 'openai/quick', 'smart']],
    ["execute(''", ['local__add']],
    ["server: ''", ['files']],
  ])('offers the names at %s', (place, names) => {
    expect(editor.completions(place).sort()).toEqual(names);
  });

  it('offers what the configuration itself may say', () => {
    expect(editor.completions("strategy: ''")).toContain('fallback');
  });
});
