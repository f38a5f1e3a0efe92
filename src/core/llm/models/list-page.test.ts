import { describe, expect, it } from 'vitest';
import { NexusError } from '../../errors/nexus-error.ts';
import { LIST_FORMS } from './list-page.ts';

const { openai, anthropic, google, 'bedrock-models': bedrockModels, 'bedrock-profiles': bedrockProfiles } = LIST_FORMS;
const ids = (page: { readonly models: readonly { readonly id: string }[] }) => page.models.map(({ id }) => id);

describe('a list in OpenAI’s form', () => {
  it('says who made a model and when, and has one page', () => {
    const page = openai.read({
      object: 'list',
      data: [
        { id: 'gpt-5', object: 'model', created: 1754425777, owned_by: 'system' },
        { id: 'mine', object: 'model' },
      ],
      has_more: true,
      last_id: 'mine',
    });
    expect(page).toEqual({
      models: [
        { id: 'gpt-5', created: 1754425777, ownedBy: 'system' },
        { id: 'mine', created: 0, ownedBy: undefined },
      ],
      next: undefined,
    });
  });

  it.each([[{ data: null }], [{ data: [] }], [[]]])('may be empty: %j', (body) => {
    expect(openai.read(body).models).toEqual([]);
  });

  it('may come without its envelope', () => {
    expect(ids(openai.read([{ id: 'a' }, { id: 'b/c' }]))).toEqual(['a', 'b/c']);
  });

  it.each([-1, 1.5, 'yesterday', null, 1e300, Number.MAX_VALUE])('takes created %j for unknown', (created) => {
    expect(openai.read({ data: [{ id: 'a', created }] }).models[0]?.created).toBe(0);
  });
});

describe('a list in Anthropic’s form', () => {
  it('goes on after its last id while there is more', () => {
    const data = [{ type: 'model', id: 'claude-x', created_at: '2025-01-01T00:00:00Z' }];
    expect(anthropic.read({ data, has_more: true, first_id: 'claude-x', last_id: 'claude x&y' })).toEqual({
      models: [{ id: 'claude-x', created: 0, ownedBy: undefined }],
      next: 'limit=1000&after_id=claude%20x%26y',
    });
    expect(anthropic.read({ data, has_more: false, last_id: 'claude-x' }).next).toBeUndefined();
    expect(anthropic.read({ data }).next).toBeUndefined();
  });

  it.each([undefined, null, '', 7, '\ud800'])('is refused when there is more after %j', (last_id) => {
    expect(() => anthropic.read({ data: [], has_more: true, last_id })).toThrow(NexusError);
  });
});

describe('a list in Google’s form', () => {
  it('loses the collection’s name, and goes on while there is a token', () => {
    const models = [{ name: 'models/gemini-x' }, { name: 'tunedModels/mine' }, { name: 'bare' }, { name: 'models/' }];
    const page = google.read({ models, nextPageToken: 'a+b=' });
    expect(ids(page)).toEqual(['gemini-x', 'tunedModels/mine', 'bare', 'models/']);
    expect(page.next).toBe('pageSize=1000&pageToken=a%2Bb%3D');
  });

  it.each([{}, { models: [] }, { models: [], nextPageToken: '' }])('may be empty: %j', (body) => {
    expect(google.read(body)).toEqual({ models: [], next: undefined });
  });

  it.each([7, null, {}, '\udfff'])('is refused with the token %j', (nextPageToken) => {
    expect(() => google.read({ models: [], nextPageToken })).toThrow(NexusError);
  });
});

describe('the lists of Bedrock', () => {
  const summary = (modelId: string, ...outputModalities: string[]) => ({ modelId, outputModalities });

  it('of models: those that write or embed, with their vendor', () => {
    const modelSummaries = [
      summary('anthropic.claude-3-haiku-20240307-v1:0', 'TEXT'),
      summary('amazon.titan-embed-text-v2:0', 'EMBEDDING'),
      summary('stability.sd3-5-large-v1:0', 'IMAGE'),
      { modelId: 'amazon.unsaid' },
    ];
    expect(bedrockModels.read({ modelSummaries })).toEqual({
      models: [
        { id: 'anthropic.claude-3-haiku-20240307-v1:0', created: 0, ownedBy: 'anthropic' },
        { id: 'amazon.titan-embed-text-v2:0', created: 0, ownedBy: 'amazon' },
      ],
      next: undefined,
    });
  });

  it('of profiles: those in use, in pages, with the vendor of what stands behind', () => {
    const modelArn = 'arn:aws:bedrock:eu-west-3::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0';
    const inferenceProfileSummaries = [
      { inferenceProfileId: 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0', status: 'ACTIVE', models: [{ modelArn }] },
      { inferenceProfileId: 'gone', status: 'DELETED' },
      { inferenceProfileId: 'mine', status: 'ACTIVE' },
    ];
    expect(bedrockProfiles.read({ inferenceProfileSummaries, nextToken: 'a+b=' })).toEqual({
      models: [
        { id: 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0', created: 0, ownedBy: 'anthropic' },
        { id: 'mine', created: 0, ownedBy: undefined },
      ],
      next: 'maxResults=1000&nextToken=a%2Bb%3D',
    });
    expect(bedrockProfiles.read({ inferenceProfileSummaries: [], nextToken: null }).next).toBeUndefined();
    expect(() => bedrockProfiles.read({ inferenceProfileSummaries: [], nextToken: 7 })).toThrow(NexusError);
  });
});

/** Where each form has its entries, what names one, and what else makes it count. */
const PLACES: Readonly<Record<string, readonly [list: string, id: string, rest?: object]>> = {
  openai: ['data', 'id'],
  anthropic: ['data', 'id'],
  google: ['models', 'name'],
  'bedrock-models': ['modelSummaries', 'modelId', { outputModalities: ['TEXT'] }],
  'bedrock-profiles': ['inferenceProfileSummaries', 'inferenceProfileId', { status: 'ACTIVE' }],
};

describe.each(Object.entries(LIST_FORMS))('any list in the form of %s', (name, form) => {
  const [place = '', key = '', rest] = PLACES[name] ?? [];
  const list = (entries: unknown) => ({ [place]: entries });

  it('leaves out entries that name no model', () => {
    const names = ['', 7, null, undefined, {}, 'a\nb', 'a\u0000', 'x'.repeat(513), '\ud800', 'good', 'ünï:cödé'];
    const entries = [...names.map((value) => ({ ...rest, [key]: value })), null, 'text', 7, ['x']];
    expect(ids(form.read(list(entries)))).toEqual(['good', 'ünï:cödé']);
  });

  it.each([['text'], [7], [null], [true], [list('text')], [list({})], [list(7)]])('refuses %j', (body) => {
    expect(() => form.read(body)).toThrow(expect.objectContaining({ code: 'upstream_invalid' }));
  });
});
