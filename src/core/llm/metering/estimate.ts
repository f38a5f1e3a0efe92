import type { CanonicalRequest, JsonObject, Part } from '../canonical/request.ts';
import { TextMeter } from './text-meter.ts';

/** What vendors charge for an image whose size is not known, about. */
export const MEDIA_TOKENS = 1600;
/** Role marks and separators around each turn. */
const TURN_TOKENS = 4;
/** Tokens of a whole text, as `TextMeter` counts them. */
export function estimateTokens(text: string): number {
  const meter = new TextMeter();
  meter.add(text);
  return meter.tokens;
}

/** Input tokens of a request: all its texts, tool definitions, calls and results, and a flat rate for media. */
export function estimateInput(request: CanonicalRequest): number {
  let tokens = 0;
  for (const part of request.system) tokens += estimateTokens(part.text) + TURN_TOKENS;
  for (const turn of request.turns) {
    tokens += TURN_TOKENS;
    for (const part of turn.parts) tokens += estimatePart(part);
  }
  for (const tool of request.tools) {
    tokens += estimateTokens(tool.name) + estimateTokens(tool.description ?? '') + estimateJson(tool.parameters);
  }
  return tokens;
}

function estimatePart(part: Part): number {
  switch (part.type) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return estimateTokens(part.text);
    case 'media':
      return part.text === undefined ? MEDIA_TOKENS : estimateTokens(part.text);
    case 'tool_call':
      return estimateTokens(part.name) + estimateTokens(part.arguments) + TURN_TOKENS;
    case 'tool_result':
      return part.content.reduce((sum, inner) => sum + estimatePart(inner), TURN_TOKENS);
  }
}

function estimateJson(value: JsonObject | undefined): number {
  return value === undefined ? 0 : estimateTokens(JSON.stringify(value));
}
