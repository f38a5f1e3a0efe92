// Pages of the vendors' lists of models: GET /models of OpenAI and its relatives, Anthropic's "List Models", Google's
// models.list, Bedrock's ListFoundationModels and ListInferenceProfiles. Pure: what to ask for, and what an answer says.
import { NexusError } from '../../errors/nexus-error.ts';
import { isJsonObject } from '../protocols/json-object.ts';
import type { ModelListing } from '../providers/definition.ts';

/** A model as its vendor lists it. */
export interface DiscoveredModel {
  /** The vendor's own name for it. */
  readonly id: string;
  /** Unix seconds; 0 where the vendor does not say. */
  readonly created: number;
  readonly ownedBy: string | undefined;
}

export interface ListPage {
  readonly models: readonly DiscoveredModel[];
  /** Query of the next page; absent on the last one. */
  readonly next: string | undefined;
}

export interface ListForm {
  /** Query of the first page. */
  readonly first: string;
  /** Throws `upstream_invalid` for anything but a page; entries without a usable id are left out. */
  read(body: unknown): ListPage;
}

/** The most both vendors that page their lists give at once. */
const PAGE_SIZE = 1000;
/** Longer ids, and ids with control characters or broken characters, are no names of models. */
const ID = /^[^\p{Cc}\p{Cs}]{1,512}$/u;

const openai: ListForm = {
  first: '',
  read(body) {
    // Some vendors leave out the envelope, some servers without models give null.
    const list = isJsonObject(body) ? (body['data'] === null ? [] : body['data']) : body;
    return { models: listed(list, 'id', openaiFacts), next: undefined };
  },
};

const anthropic: ListForm = {
  first: `limit=${PAGE_SIZE}`,
  read(body) {
    if (!isJsonObject(body)) throw unreadable();
    const { data, has_more: more, last_id: last } = body;
    const models = listed(data, 'id', () => NO_FACTS);
    if (more !== true) return { models, next: undefined };
    if (typeof last !== 'string' || last === '') throw unreadable();
    return { models, next: `limit=${PAGE_SIZE}&after_id=${encoded(last)}` };
  },
};

const google: ListForm = {
  first: `pageSize=${PAGE_SIZE}`,
  read(body) {
    if (!isJsonObject(body)) throw unreadable();
    // An empty list is left out.
    const { models: list = [], nextPageToken: token } = body;
    const models = listed(list, 'name', () => NO_FACTS).map((model) => ({
      ...model,
      id: model.id.replace(/^models\/(?=.)/, ''),
    }));
    if (token === undefined || token === '') return { models, next: undefined };
    if (typeof token !== 'string') throw unreadable();
    return { models, next: `pageSize=${PAGE_SIZE}&pageToken=${encoded(token)}` };
  },
};

/** Models that can be called by their own ids, and write or embed. */
const bedrockModels: ListForm = {
  first: 'byInferenceType=ON_DEMAND',
  read(body) {
    if (!isJsonObject(body)) throw unreadable();
    const models = listed(body['modelSummaries'], 'modelId', ({ modelId, outputModalities: outputs }) => {
      const serves = Array.isArray(outputs) && outputs.some((kind) => kind === 'TEXT' || kind === 'EMBEDDING');
      return serves ? { created: 0, ownedBy: vendorOf(modelId) } : undefined;
    });
    return { models, next: undefined };
  },
};

/** Ways to models over several regions; most newer models can be called by these alone. */
const bedrockProfiles: ListForm = {
  first: `maxResults=${PAGE_SIZE}`,
  read(body) {
    if (!isJsonObject(body)) throw unreadable();
    const models = listed(body['inferenceProfileSummaries'], 'inferenceProfileId', ({ models: behind, status }) => {
      const [model] = Array.isArray(behind) ? behind : [];
      const arn = isJsonObject(model) ? model['modelArn'] : undefined;
      return status === 'ACTIVE' ? { created: 0, ownedBy: vendorOf(String(arn).split('/').at(-1)) } : undefined;
    });
    const { nextToken: token } = body;
    if (token === undefined || token === null || token === '') return { models, next: undefined };
    if (typeof token !== 'string') throw unreadable();
    return { models, next: `maxResults=${PAGE_SIZE}&nextToken=${encoded(token)}` };
  },
};

export const LIST_FORMS: Readonly<Record<ModelListing['form'], ListForm>> = {
  openai,
  anthropic,
  google,
  'bedrock-models': bedrockModels,
  'bedrock-profiles': bedrockProfiles,
};

type Facts = Omit<DiscoveredModel, 'id'>;

const NO_FACTS: Facts = { created: 0, ownedBy: undefined };

function openaiFacts({ created, owned_by: owner }: Readonly<Record<string, unknown>>): Facts {
  return {
    created: typeof created === 'number' && Number.isSafeInteger(created) && created > 0 ? created : 0,
    ownedBy: typeof owner === 'string' && owner !== '' ? owner : undefined,
  };
}

/** `anthropic.claude-…` → `anthropic` */
function vendorOf(id: unknown): string | undefined {
  return typeof id === 'string' && id.includes('.') ? id.split('.', 1)[0] : undefined;
}

/** `facts` says of an entry what else is known of it; `undefined` leaves it out. */
function listed(
  list: unknown,
  idKey: string,
  facts: (entry: Readonly<Record<string, unknown>>) => Facts | undefined,
): DiscoveredModel[] {
  if (!Array.isArray(list)) throw unreadable();
  return list.flatMap((entry: unknown) => {
    const id = isJsonObject(entry) ? entry[idKey] : undefined;
    if (!isJsonObject(entry) || typeof id !== 'string' || !ID.test(id)) return [];
    const known = facts(entry);
    return known === undefined ? [] : [{ id, ...known }];
  });
}

/** Text with broken characters has no encoding. */
function encoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    throw unreadable();
  }
}

function unreadable(): NexusError {
  return new NexusError('upstream_invalid', 'The provider sent a list of models that cannot be read');
}
