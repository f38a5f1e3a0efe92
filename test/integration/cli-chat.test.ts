// `nexus chat`: an answer as it arrives, what it cost, conversations, and ways out.
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ChatInvocation } from '../../src/cli/arguments.ts';
import { runChat } from '../../src/cli/chat.ts';
import { Folder, Person, TestConsole } from '../support/test-console.ts';

const folder = new Folder();
let fake: FakeProvider;
let config: string;

beforeAll(async () => {
  fake = await createFakeProvider();
  config = folder.file(provider());
});
afterEach(() => fake.reset());
afterAll(async () => {
  await fake.close();
  folder.remove();
});

function provider(more = ''): string {
  return `${more}
[llm.discovery]
enabled = false
[llm.providers.a]
type = "openai"
base_url = "${fake.url}/v1"
api_key = "k"
[llm.providers.a.models.m]
price = { input = 2, output = 10 }
[llm.routes.r]
targets = ["a/m"]
`;
}

function asked(prompt: string | undefined, more: Partial<ChatInvocation> = {}): ChatInvocation {
  return { command: 'chat', config, model: 'a/m', prompt, system: undefined, group: undefined, json: false, ...more };
}

const messages = (request = 0) => (fake.requests[request]?.body as { messages: unknown } | undefined)?.messages;

describe('one question', () => {
  it('gets its answer on standard output, and what it cost on the other', async () => {
    fake.reply({ text: 'Hello, you.', usage: { input: 1000, output: 20 } });
    const console = new TestConsole();
    expect(await runChat(asked('Hi', { system: 'Be kind' }), console)).toBe(0);
    expect(console.out).toBe('Hello, you.\n');
    expect(console.err).toMatch(/^a\/m · 1000 tokens in, 20 out · \$0\.0022 · \d+\.\d s\n$/);
    expect(messages()).toEqual([
      { role: 'system', content: 'Be kind' },
      { role: 'user', content: 'Hi' },
    ]);
  });

  it('does not let the model steer a terminal', async () => {
    fake.reply({ text: 'a\u001b]0;owned\u0007b\tc\nd' });
    const console = new TestConsole();
    Object.assign(console.stdout, { isTTY: true });
    expect(await runChat(asked('Hi'), console)).toBe(0);
    expect(console.out).toBe('a]0;ownedb\tc\nd\n');
  });

  it('goes through routes, and says who answered', async () => {
    const console = new TestConsole();
    expect(await runChat(asked('Hi', { model: 'r' }), console)).toBe(0);
    expect(console.err).toMatch(/^a\/m · /);
  });

  it.each([undefined, '-'])('is what is piped in, for a prompt of %j', async (prompt) => {
    const console = new TestConsole({}, { input: 'What is in here?\n' });
    expect(await runChat(asked(prompt), console)).toBe(0);
    expect(messages()).toEqual([{ role: 'user', content: 'What is in here?' }]);
  });

  it('gives programs one document', async () => {
    fake.reply({ text: 'Hello', usage: { input: 3, output: 1 } });
    const console = new TestConsole();
    expect(await runChat(asked('Hi', { json: true }), console)).toBe(0);
    expect(JSON.parse(console.out)).toMatchObject({
      model: 'a/m',
      text: 'Hello',
      finishReason: 'stop',
      provider: 'a',
      providerModel: 'm',
      usage: { input: 3, output: 1 },
      usageSource: 'reported',
      cost: { nanoUsd: 16000 },
    });
    expect(console.err).toBe('');
  });

  it('needs no key where the demo answers', async () => {
    const demo = folder.file('[llm.providers.openai]\ntype = "openai"\n[demo]\n');
    const console = new TestConsole();
    const status = await runChat(asked('Hello', { config: demo, model: 'openai/gpt-5' }), console);
    expect([status, console.err]).toEqual([0, expect.stringContaining('openai/gpt-5')]);
    expect(console.out).not.toBe('');
  });

  it('passes what the configuration asks of callers, and takes no port', async () => {
    const guarded = folder.file(
      provider(`[server]
listen_address = "127.0.0.1:1"
[server.csrf]
enabled = true
[server.oauth]
url = "http://127.0.0.1:9/jwks"
expected_issuer = "https://h"
expected_audience = "https://h"
protected_resource = { resource = "https://h", authorization_servers = ["https://h"] }
[llm.protocols]
openai = { enabled = false }
`),
    );
    const console = new TestConsole();
    expect(await runChat(asked('Hi', { config: guarded }), console)).toBe(0);
    expect(console.out).not.toBe('');
  });

  it.each([
    [{ error: { status: 429, message: 'Slow down' } }, /Slow down \('nexus help upstream_rate_limited' says more\)/],
    [
      { error: { status: 400, message: 'No such thing' } },
      /No such thing \('nexus help upstream_rejected' says more\)/,
    ],
    [{ fault: 'not-json' as const }, /\('nexus help upstream_invalid' says more\)/],
  ])('that fails says why: %j', async (reply, words) => {
    fake.script([{ reply }]);
    const console = new TestConsole();
    expect(await runChat(asked('Hi'), console)).toBe(1);
    expect(console.out).toBe('');
    expect(console.err).toMatch(words);
  });

  it('shows what came of a stream that broke, and fails', async () => {
    fake.reply({ text: 'One moment please', fault: 'reset', after: 1 });
    const console = new TestConsole();
    expect(await runChat(asked('Hi'), console)).toBe(1);
    expect(console.out).toContain('One mome');
    expect(console.err).toMatch(/\('nexus help \w+' says more\)\n$/);
  });

  it('fails for programs in JSON', async () => {
    fake.script([{ reply: { error: { status: 400, message: 'No such thing' } } }]);
    const console = new TestConsole();
    expect(await runChat(asked('Hi', { json: true }), console)).toBe(1);
    expect(JSON.parse(console.out)).toEqual({ error: { code: 'upstream_rejected', message: 'No such thing' } });
  });

  it('knows the nearest name', async () => {
    const strict = folder.file(
      provider().replace('api_key', 'models_only = true\napi_key').replaceAll('.m]', '.mini]').replace('a/m', 'a/mini'),
    );
    const console = new TestConsole();
    expect(await runChat(asked('Hi', { config: strict, model: 'a/minni' }), console)).toBe(1);
    expect(console.err).toMatch(/\(did you mean 'a\/mini'\?\)\n$/);
  });

  it.each([
    ['nothing', undefined],
    ['blanks', ' \n'],
  ])('is not %s', async (_name, input) => {
    const console = new TestConsole({}, input === undefined ? {} : { input });
    expect(await runChat(asked(undefined), console)).toBe(2);
    expect(console.err).toBe("'nexus chat' needs a prompt: as an argument, or on standard input\n");
  });

  it('can be taken back', async () => {
    fake.reply({ text: 'A very long story', pace: 20, fault: 'stall', after: 1 });
    const console = new TestConsole();
    const status = runChat(asked('Hi'), console);
    await console.until(() => console.out !== '');
    console.stop();
    expect(await status).toBe(130);
    expect(console.listeners.size).toBe(0);
    await fake.waitFor(({ bill }) => bill.openConnections === 0);
  });
});

describe('a conversation', () => {
  it('remembers what was said, until Ctrl-D', async () => {
    fake.reply({ text: 'Hello Ann.' });
    fake.reply({ text: 'You are Ann.' });
    const person = new Person();
    const console = new TestConsole({}, { terminal: person });
    const status = runChat(asked(undefined), console);
    await person.answers('> ', 'I am Ann');
    await person.answers('> ', '  ');
    await person.answers('> ', 'Who am I?');
    await person.types('> ', '\u0004');
    expect(await status).toBe(0);
    expect(console.out).toBe('Hello Ann.\nYou are Ann.\n');
    expect(console.err.split('\n')[0]).toBe('Talking to a/m; Ctrl-D ends it');
    expect(messages(1)).toEqual([
      { role: 'user', content: 'I am Ann' },
      { role: 'assistant', content: 'Hello Ann.' },
      { role: 'user', content: 'Who am I?' },
    ]);
  });

  it('goes on after an answer that was stopped, and after one that failed', async () => {
    fake.reply({ text: 'A very long story', fault: 'stall', after: 1 });
    fake.reply({ error: { status: 400, message: 'No' } });
    fake.reply({ text: 'Fine.' });
    const person = new Person();
    const console = new TestConsole({}, { terminal: person });
    const status = runChat(asked(undefined), console);
    await person.answers('> ', 'Tell me a story');
    await console.until(() => console.out !== '');
    console.stop();
    await person.answers('> ', 'Sorry?');
    await person.answers('> ', 'How are you?');
    await person.types('> ', '\u0003');
    expect(await status).toBe(0);
    expect(console.out).toMatch(/^A very.*\nFine\.\n$/);
    expect(console.err).toContain("No ('nexus help upstream_rejected' says more)\n");
    expect(messages(2)).toEqual([{ role: 'user', content: 'How are you?' }]);
  });

  it('is nothing for programs', async () => {
    const console = new TestConsole({}, { terminal: new Person() });
    expect(await runChat(asked(undefined, { json: true }), console)).toBe(2);
  });
});
