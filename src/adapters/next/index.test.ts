import { describe, expect, it } from 'vitest';
import { type NextOptions, nexus } from './index.ts';

describe('the place of a route', () => {
  it.each([[{}], [{ basePath: 'api/ai' }], [{ basePath: 7 }]])('%j is refused with what it should be', (options) => {
    const route = () => nexus({ llm: { providers: {} } }, options as NextOptions);
    expect(route).toThrow(expect.objectContaining({ code: 'config_invalid' }));
    expect(route).toThrow('basePath must be where the route stands');
  });
});
