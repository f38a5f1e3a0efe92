// Who embeds where.
import {
  bedrockEmbedder,
  type Embedder,
  type EmbeddingsQuestion,
  googleEmbedder,
  openaiEmbedder,
} from './embeddings.ts';
import type { FakeError } from './fake-rule.ts';
import { isObject } from './json-value.ts';

const EMBEDDERS: readonly Embedder[] = [openaiEmbedder, googleEmbedder, bedrockEmbedder];

/** Who embeds at a path; undefined where nobody does. */
export function embedderAt(path: string): Embedder | undefined {
  return EMBEDDERS.find((embedder) => embedder.path.test(path));
}

/** What an embedder makes of a request: a question, or why the vendor would refuse it. */
export function readEmbeddings(embedder: Embedder, body: unknown, path: string): EmbeddingsQuestion | FakeError {
  if (!isObject(body)) return { status: 400, message: 'We could not parse the JSON body of your request.' };
  return embedder.read(body, path);
}
