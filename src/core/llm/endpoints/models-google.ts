import { Buffer } from 'node:buffer';
import { NexusError } from '../../errors/nexus-error.ts';
import type { ModelEntry, ModelSnapshot } from '../models/snapshot.ts';
import { countIn, indexAfter, LARGEST_PAGE } from './model-page.ts';

/** Google's list of models. `pageSize` and `pageToken` cut a page; without a size the list is whole. */
export const googleModels = {
  list({ entries }: ModelSnapshot, query: URLSearchParams): string {
    const asked = countIn(query, 'pageSize', 0);
    const size = asked === undefined || asked === 0 ? entries.length : Math.min(asked, LARGEST_PAGE);
    const token = query.get('pageToken') ?? '';
    const start = token === '' ? 0 : indexAfter(entries, idIn(token));
    const page = entries.slice(start, start + size);
    const last = page.at(-1);
    return JSON.stringify({
      models: page.map(model),
      ...(last !== undefined && start + page.length < entries.length ? { nextPageToken: tokenOf(last.id) } : {}),
    });
  },
  one(snapshot: ModelSnapshot, id: string): string | undefined {
    const entry = snapshot.find(id);
    return entry === undefined ? undefined : JSON.stringify(model(entry));
  },
};

function model({ id }: ModelEntry) {
  return {
    name: `models/${id}`,
    displayName: id,
    supportedGenerationMethods: ['generateContent', 'streamGenerateContent'],
  };
}

/** The page after this model. */
function tokenOf(id: string): string {
  return Buffer.from(id).toString('base64url');
}

function idIn(token: string): string {
  const id = Buffer.from(token, 'base64url').toString();
  if (tokenOf(id) === token) return id;
  throw new NexusError('invalid_request', 'pageToken must be the nextPageToken of a list', { param: 'pageToken' });
}
