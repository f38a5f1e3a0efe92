import type { ModelEntry, ModelSnapshot } from '../models/snapshot.ts';

/** OpenAI's list of models: whole, and in the order clients are shown. */
export const openaiModels = {
  list: ({ entries }: ModelSnapshot): string => JSON.stringify({ object: 'list', data: entries.map(model) }),
  one(snapshot: ModelSnapshot, id: string): string | undefined {
    const entry = snapshot.find(id);
    return entry === undefined ? undefined : JSON.stringify(model(entry));
  },
};

function model({ id, created, ownedBy }: ModelEntry) {
  return { id, object: 'model', created, owned_by: ownedBy };
}
