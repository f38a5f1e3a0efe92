import { tokenCount } from '../../exchange/usage.ts';
import type { AnswerHeaders } from './dialect.ts';

/** What Bedrock counted for an InvokeModel call; for some models this header is the only place that says it. */
export function inputTokensHeader(headers: AnswerHeaders): number | undefined {
  const value = headers['x-amzn-bedrock-input-token-count'];
  return typeof value === 'string' && /^\d+$/.test(value) ? tokenCount(Number(value)) : undefined;
}
