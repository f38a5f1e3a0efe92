import { describe, expect, it } from 'vitest';
import type { Caller } from '../caller.ts';
import type { Catalogue, Upstream } from '../upstream/upstream.ts';
import type { JsonObject } from '../wire/json-rpc.ts';
import { AccessRules } from './access.ts';
import { Aggregate } from './aggregate.ts';

const EMPTY: Catalogue = {
  tools: [],
  prompts: [],
  resources: [],
  resourceTemplates: [],
  capabilities: {},
  instructions: undefined,
};

function upstream(name: string, lists: (caller: Caller) => Catalogue): Upstream {
  return {
    name,
    state: 'ready',
    problem: undefined,
    catalogue: async (caller) => lists(caller),
    request: async () => ({}),
    subscribe: async () => () => {},
    setLogLevel: () => {},
    onChange: () => () => {},
    close: async () => {},
  };
}

const withTools = (...tools: JsonObject[]): Catalogue => ({ ...EMPTY, tools });
const caller = (token?: string): Caller => ({
  principal: token === undefined ? undefined : { id: token, group: undefined, claims: {}, token },
  scope: 's',
  capabilities: {},
});

function aggregate(upstreams: readonly Upstream[], clock = { now: 0 }) {
  const collisions: string[] = [];
  const merged = new Aggregate(upstreams, {
    access: new AccessRules([]),
    namespace: true,
    elapsed: () => clock.now,
    onCollision: (kind, name) => void collisions.push(`${kind} ${name}`),
  });
  return { merged, collisions, clock };
}

describe('the merged catalogue', () => {
  it('is made once as long as nothing changes', async () => {
    const lists = withTools({ name: 'x' });
    const { merged } = aggregate([upstream('a', () => lists)]);
    const first = await merged.catalogue(caller());
    expect(await merged.catalogue(caller('somebody'))).toBe(first);
    expect(first.tools.entries.map(({ name }) => name)).toEqual(['a__x']);
  });

  it('is made at most once a second for lists that never rest', async () => {
    let count = 0;
    const { merged, clock } = aggregate([upstream('a', () => withTools({ name: `x${count++}` }))]);
    const made = new Set();
    for (clock.now = 0; clock.now < 3000; clock.now += 10) made.add(await merged.catalogue(caller()));
    expect(made.size).toBe(3);
  });

  it('takes up a server that comes late at once', async () => {
    let lists = EMPTY;
    const { merged } = aggregate([upstream('a', () => lists)]);
    expect((await merged.catalogue(caller())).tools.entries).toEqual([]);
    lists = withTools({ name: 'x' });
    expect((await merged.catalogue(caller())).tools.entries).toHaveLength(1);
  });

  it('of callers with lists of their own never mixes', async () => {
    const own = new Map<string, Catalogue>();
    const listsOf = ({ principal }: Caller): Catalogue => {
      const token = principal?.token ?? 'none';
      const lists = own.get(token) ?? withTools({ name: token });
      own.set(token, lists);
      return lists;
    };
    const { merged } = aggregate([upstream('a', listsOf)]);
    for (let round = 0; round < 2; round++) {
      for (let user = 0; user < 300; user++) {
        const catalogue = await merged.catalogue(caller(`u${user}`));
        expect(catalogue.tools.entries.map(({ original }) => original)).toEqual([`u${user}`]);
      }
    }
    expect((await merged.catalogue(caller())).tools.entries[0]?.original).toBe('none');
  });

  it('keeps what servers say of a tool, and leaves out tools without a name', async () => {
    const item = {
      name: 'x',
      title: 'T',
      icons: [{ src: 'y' }],
      inputSchema: { $defs: { a: {} } },
      _meta: { k: 1 },
      odd: true,
    };
    const lists = withTools(item, { description: 'nameless' }, { name: 5 });
    const { merged } = aggregate([upstream('a', () => lists)]);
    const { tools } = (await merged.catalogue(caller())).visible(undefined);
    expect(tools).toEqual([{ ...item, name: 'a__x' }]);
  });
});
