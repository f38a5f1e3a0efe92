import { createNexus, type NexusConfig } from 'nexus-ai';
import { describe, expect, it } from 'vitest';

/* What is said to somebody whose first program does not work yet. */

/** An instance of `config` with its warnings. */
function create(config: NexusConfig) {
  const warnings: string[] = [];
  const silent = () => undefined;
  const logger = { debug: silent, info: silent, warn: (message: string) => warnings.push(message), error: silent };
  return { nexus: createNexus(config, { logger }), warnings };
}

describe('a provider without a key', () => {
  it.each<[string, NexusConfig, string[]]>([
    ['is named at the start', { llm: { providers: { a: { type: 'openai', apiKey: undefined } } } }, ['a']],
    [
      'is named where it is one of several',
      { llm: { providers: { a: { type: 'ollama' }, b: { type: 'groq' } } } },
      ['b'],
    ],
    ['may have those of its callers', { llm: { providers: { a: { type: 'openai', forwardToken: true } } } }, []],
    ['may need none', { llm: { providers: { a: { type: 'ollama' } } } }, []],
  ])('%s', async (_, config, named) => {
    const { nexus, warnings } = create(config);
    const told = (name: string): string =>
      `Provider '${name}' has no API key: all calls to it are refused. Set its key, or forward those of callers`;
    expect(warnings).toEqual(named.map(told));
    await nexus.close();
  });
});

describe('a base URL that is not ours', () => {
  it.each([
    ['/v1/chat/completions', 'There is nothing at this path; did you mean /llm/v1/chat/completions?'],
    ['/llm/v1/v1/messages', 'There is nothing at this path; did you mean /llm/v1/messages?'],
    ['/llm/v1/nothing', 'There is nothing at this path'],
  ])('%s', async (path, message) => {
    const { nexus } = create({ llm: { providers: { a: { type: 'ollama' } } } });
    const answer = await nexus.fetch(new Request(`http://localhost${path}`, { method: 'POST', body: '{}' }));
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { message } });
    await nexus.close();
  });
});
