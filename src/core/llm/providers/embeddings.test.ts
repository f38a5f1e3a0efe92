import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../config/parse.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import { defineProvider, type ProviderDefinition } from './definition.ts';
import { Provider } from './provider.ts';
import { PROVIDERS } from './registry.ts';

function provider(table: { type: string } & Record<string, unknown>): Provider {
  const { config } = parseConfig({ llm: { providers: { main: table } } });
  const definition = PROVIDERS.get(table.type);
  const parsed = config.llm.providers['main'];
  if (definition === undefined || parsed === undefined) throw new Error('no such provider');
  return new Provider(definition, parsed);
}

describe('embeddings', () => {
  it.each([
    ['openai', {}, 'text-embedding-3-small', 'openai', '/v1/embeddings'],
    ['openai', { baseUrl: 'http://h/a' }, 'any', 'openai', '/a/embeddings'],
    ['mistral', {}, 'mistral-embed', 'openai', '/v1/embeddings'],
    ['cohere', {}, 'embed-v4.0', 'openai', '/compatibility/v1/embeddings'],
    ['ollama', {}, 'nomic-embed-text', 'openai', '/v1/embeddings'],
    ['huggingface', { baseUrl: 'https://mine.endpoints.huggingface.cloud/v1' }, 'tei', 'openai', '/v1/embeddings'],
    ['google', {}, 'gemini-embedding-001', 'google-batch', '/v1beta/models/gemini-embedding-001:batchEmbedContents'],
    [
      'azure',
      { baseUrl: 'https://r.openai.azure.com' },
      'my deployment',
      'openai',
      '/openai/deployments/my%20deployment/embeddings?api-version=2024-10-21',
    ],
    [
      'azure',
      { baseUrl: 'https://r/openai/v1', apiVersion: 'preview' },
      'm',
      'openai',
      '/openai/v1/embeddings?api-version=preview',
    ],
    ['bedrock', {}, 'amazon.titan-embed-text-v2:0', 'bedrock-titan', '/model/amazon.titan-embed-text-v2%3A0/invoke'],
    ['bedrock', {}, 'us.cohere.embed-v4:0', 'bedrock-cohere', '/model/us.cohere.embed-v4%3A0/invoke'],
  ])('of %s with %j: %s', (type, more, model, dialect, path) => {
    expect(provider({ type, ...more }).embeddings(model)).toEqual({ dialect, path });
  });

  it('are had by these kinds and no others', () => {
    const kinds = [...PROVIDERS.values()].filter(({ embeddings }) => embeddings !== undefined).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual([
      'azure',
      'bedrock',
      'cohere',
      'fireworks',
      'google',
      'lm_studio',
      'mistral',
      'ollama',
      'openai',
      'openrouter',
      'together',
      'vllm',
    ]);
    expect(provider({ type: 'huggingface' }).embeddings('m')).toBeUndefined();
    expect(provider({ type: 'bedrock' }).embeddings('anthropic.claude-haiku-4-5')).toBeUndefined();
  });

  it.each(['..', 'a/../b'])('do not climb out of their path with the model %j', (model) => {
    expect(() => provider({ type: 'google' }).embeddings(model)).toThrow(NexusError);
  });

  const acme: ProviderDefinition = {
    kind: 'acme',
    protocols: [{ id: 'openai-chat', path: '/chat/completions' }],
    baseUrl: 'https://acme.example/v1',
    authorize: (key) => ['x-key', key],
    clientHeaders: [],
    origin: undefined,
  };

  it('are part of a definition', () => {
    const embeddings = { dialect: 'openai', path: '/embeddings' } as const;
    expect(defineProvider({ ...acme, embeddings }).embeddings).toEqual(embeddings);
  });

  it.each([
    [{ dialect: 'openai', path: 'embeddings' }],
    [{ dialect: 'openai' }],
    [{ dialect: 'nobody', path: '/embeddings' }],
    [{ path: '/embeddings' }],
  ])('are not %j', (embeddings) => {
    const define = () => defineProvider({ ...acme, embeddings } as unknown as ProviderDefinition);
    expect(define).toThrow(/embeddings must have a path that begins with "\/" and a known dialect/);
  });
});
