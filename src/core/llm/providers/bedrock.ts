import type { EmbeddingDialectId } from '../embeddings/index.ts';
import { ADAPTIVE_CLAUDE } from './anthropic.ts';
import { defineProvider } from './definition.ts';
import { modelSegment } from './model-path.ts';

/**
 * Amazon Bedrock. The model stands in the path; the signature, the region's address and the binary frames of its streams
 * are its transport's business.
 */
export const bedrock = defineProvider({
  kind: 'bedrock',
  protocols: [{ id: 'bedrock-converse', path: conversePath }],
  embeddings: { dialect: embeddingDialect, path: (model) => `/model/${modelSegment(model)}/invoke` },
  authorize: () => [],
  models: [
    { path: '/foundation-models', form: 'bedrock-models' },
    { path: '/inference-profiles', form: 'bedrock-profiles' },
  ],
  keyless: true,
  clientHeaders: [],
  async openTransport(settings, shared) {
    const { openBedrockTransport } = await import('./bedrock-transport.ts');
    return openBedrockTransport(settings, shared);
  },
  adaptiveThinking: ADAPTIVE_CLAUDE,
  // Depends on the model (`bedrock-converse/reasoning.ts`).
  origin: undefined,
});

/** Ids may begin with a region, or be the whole name of an inference profile; the family's name is always in them. */
function embeddingDialect(model: string): EmbeddingDialectId | undefined {
  if (model.includes('amazon.titan-embed-')) return 'bedrock-titan';
  return model.includes('cohere.embed-') ? 'bedrock-cohere' : undefined;
}

function conversePath(model: string, stream: boolean): string {
  return `/model/${modelSegment(model)}/${stream ? 'converse-stream' : 'converse'}`;
}
