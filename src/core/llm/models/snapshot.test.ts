import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../config/parse.ts';
import type { NexusConfig } from '../../config/types.ts';
import { Provider } from '../providers/provider.ts';
import { PROVIDERS } from '../providers/registry.ts';
import { snapshotOf } from './snapshot.ts';

type Providers = NonNullable<NonNullable<NexusConfig['llm']>['providers']>;

/** `lists`: what each provider says it has, by the provider's name. */
function snapshot(providers: Providers, lists: Readonly<Record<string, readonly string[]>>) {
  const { config } = parseConfig({ llm: { providers } });
  return snapshotOf(
    Object.values(config.llm.providers).map((parsed) => {
      const definition = PROVIDERS.get(parsed.type);
      if (definition === undefined) throw new Error(`no ${parsed.type}`);
      const models = (lists[parsed.name] ?? []).map((id) => ({ id, created: 5, ownedBy: undefined }));
      return { provider: new Provider(definition, parsed), models };
    }),
  );
}

const ids = ({ entries }: ReturnType<typeof snapshot>) => entries.map(({ id }) => id);

describe('the list', () => {
  it('has models without a provider first, then those with one, each sorted', () => {
    const known = snapshot(
      {
        z: { type: 'openai', models: { b: {}, 'a/x': {} } },
        a: { type: 'anthropic', models: { Z: {} } },
      },
      { z: ['zeta', 'beta', 'Beta', 'vendor/model'], a: ['alpha', 'beta2'] },
    );
    expect(ids(known)).toEqual([
      ...['Beta', 'alpha', 'beta', 'beta2', 'zeta'],
      ...['a/Z', 'z/a/x', 'z/b', 'z/vendor/model'],
    ]);
  });

  it('shows what is configured whatever the filter says, and of the rest what the filter admits', () => {
    const known = snapshot(
      { p: { type: 'openai', modelFilter: '^GPT-', models: { mine: { rename: 'theirs' } } } },
      { p: ['gpt-5', 'my-gpt-5', 'theirs', 'mine', 'vendor/gpt-5'] },
    );
    expect(ids(known)).toEqual(['gpt-5', 'p/mine']);
  });

  it('shows only what is configured where nothing else can be called', () => {
    const p = { type: 'openai', modelsOnly: true, models: { fast: { rename: 'big-model-2' } } };
    expect(ids(snapshot({ p }, { p: ['big-model-2'] }))).toEqual(['p/fast']);
    expect(ids(snapshot({ p: { ...p, modelFilter: 'big' } }, { p: ['big-model-2', 'small'] }))).toEqual([
      'big-model-2',
      'p/fast',
    ]);
  });

  it('shows nothing twice', () => {
    const known = snapshot(
      { p: { type: 'openai', models: { 'org/m': {} } } },
      { p: ['m', 'm', 'org/m', 'org/m', 'org/n', 'org/n'] },
    );
    expect(ids(known)).toEqual(['m', 'p/org/m', 'p/org/n']);
    expect(known.doubles).toEqual([]);
  });

  it('says who owns a model and since when', () => {
    const known = snapshot({ p: { type: 'anthropic', models: { mine: {} } } }, { p: ['theirs'] });
    expect(known.entries).toEqual([
      { id: 'theirs', created: 5, ownedBy: 'anthropic' },
      { id: 'p/mine', created: 1719475200, ownedBy: 'anthropic' },
    ]);
  });
});

describe('names', () => {
  const known = snapshot(
    { a: { type: 'openai', models: { mine: {} } }, b: { type: 'groq' }, c: { type: 'groq' } },
    { a: ['one', 'two'], b: ['two', 'three', 'org/four'], c: ['two', 'three', '__proto__'] },
  );

  it('mean the first provider that lists them', () => {
    expect(['one', 'two', 'three', '__proto__'].map((id) => known.providerOf(id)?.name)).toEqual(['a', 'a', 'b', 'c']);
    expect(known.doubles).toEqual([
      { first: 'a', second: 'b', ids: ['two'] },
      { first: 'a', second: 'c', ids: ['two'] },
      { first: 'b', second: 'c', ids: ['three'] },
    ]);
  });

  it.each(['mine', 'four', 'org/four', 'constructor', 'ONE', '', ' one'])('do not include %j', (id) => {
    expect(known.providerOf(id)).toBeUndefined();
  });

  it('are found with and without their provider', () => {
    for (const id of ['one', 'a/one', 'a/mine', 'b/two', 'c/two', 'b/org/four', 'c/__proto__']) {
      expect(known.find(id)?.id).toBe(id);
    }
    for (const id of ['a/three', 'mine', 'org/four', 'b/mine', 'constructor', 'a/', '/one']) {
      expect(known.find(id)).toBeUndefined();
    }
  });
});
