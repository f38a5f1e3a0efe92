import { defineProvider } from './definition.ts';
import { modelPath } from './model-path.ts';

/** Google's Gemini API. The model stands in the path; the key in a header, so that no log of URLs has it. */
export const google = defineProvider({
  kind: 'google',
  protocols: [{ id: 'google-generate', path: generatePath }],
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  embeddings: { dialect: 'google-batch', path: (model) => `/models/${modelPath(model)}:batchEmbedContents` },
  models: { path: '/models', form: 'google' },
  authorize: (key) => ['x-goog-api-key', key],
  clientHeaders: [],
  origin: 'google',
});

function generatePath(model: string, stream: boolean): string {
  // Without `alt=sse` a stream is one JSON array.
  return `/models/${modelPath(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`;
}
