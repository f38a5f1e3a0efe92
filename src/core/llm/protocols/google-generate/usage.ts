import { extraCount, serviceTierOf, tokenCount, type Usage } from '../../../exchange/usage.ts';
import { isJsonObject } from '../json-object.ts';

/**
 * `usageMetadata` → tokens. Thoughts stand beside the candidates' tokens, what the vendor's tools put into the prompt
 * stands beside the prompt's; counts of zero are left out by the vendor. `undefined` when there are no counts.
 */
export function readUsage(metadata: unknown): Usage | undefined {
  if (!isJsonObject(metadata)) return undefined;
  const { promptTokenCount, candidatesTokenCount, totalTokenCount } = metadata;
  if (promptTokenCount === undefined && candidatesTokenCount === undefined && totalTokenCount === undefined) {
    return undefined;
  }
  const input = tokenCount(promptTokenCount) + tokenCount(metadata['toolUsePromptTokenCount']);
  const reasoning = tokenCount(metadata['thoughtsTokenCount']);
  return {
    input,
    output: tokenCount(candidatesTokenCount) + reasoning,
    cacheRead: Math.min(tokenCount(metadata['cachedContentTokenCount']), input),
    cacheWrite: 0,
    reasoning,
    audioInput: extraCount(soundIn(metadata['promptTokensDetails']), input),
    audioOutput: extraCount(soundIn(metadata['candidatesTokensDetails'])),
    // Google's own API says `serviceTier`, Vertex AI `trafficType`.
    serviceTier: serviceTierOf(metadata['serviceTier'] ?? metadata['trafficType']),
  };
}

/** The share of sound in a list of counts by kind. */
function soundIn(details: unknown): number {
  let tokens = 0;
  for (const detail of Array.isArray(details) ? details : []) {
    if (isJsonObject(detail) && detail['modality'] === 'AUDIO') tokens += tokenCount(detail['tokenCount']);
  }
  return tokens;
}

/** Tokens → JSON text of `usageMetadata`. */
export function writeUsage({ input, output, cacheRead, reasoning }: Usage): string {
  const candidates = Math.max(output - reasoning, 0);
  const thoughts = reasoning > 0 ? `,"thoughtsTokenCount":${reasoning}` : '';
  const cached = cacheRead > 0 ? `,"cachedContentTokenCount":${cacheRead}` : '';
  return (
    `{"promptTokenCount":${input},"candidatesTokenCount":${candidates}${thoughts}${cached},` +
    `"totalTokenCount":${input + candidates + reasoning}}`
  );
}
