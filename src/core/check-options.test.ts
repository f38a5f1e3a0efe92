import { describe, expect, it } from 'vitest';
import { createNexus } from './nexus.ts';
import type { NexusOptions } from './options.ts';

const create = (options: object) => () =>
  createNexus({ llm: { providers: { openai: { type: 'openai', apiKey: 'k' } } } }, options as NexusOptions);

describe('options of createNexus', () => {
  it.each([
    [{ identity: () => undefined }, 'options.identity: is not an option (did you mean "identify"?)'],
    [{ sink: [] }, 'options.sink: is not an option (did you mean "sinks"?)'],
    [{ sinks: () => undefined }, 'options.sinks: must be a list, found a function'],
    [{ fetch: 'https://example.com' }, 'options.fetch: must be a function, found a text of 19 characters'],
    [{ logger: null }, 'options.logger: must be an object, found null'],
  ])('%j is refused', (options, message) => {
    expect(create(options)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
    expect(create(options)).toThrow(message);
  });

  it('are an object, or left out', () => {
    expect(() => createNexus({}, null as unknown as NexusOptions)).toThrow('options: must be an object, found null');
  });

  it('tells all problems at once', () => {
    expect(create({ identity: 1, tools: 2 })).toThrow(/2 problems:\n.*options\.identity.*\n.*options\.tools/);
  });

  it('lets options through that are named and not given', async () => {
    const nexus = create({ identify: undefined, tools: undefined })();
    await nexus.close();
  });
});
