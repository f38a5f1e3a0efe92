import { estimateTokens } from './estimate.ts';

/** What each message costs besides its role and its text, and what the conversation costs once. */
const MESSAGE_TOKENS = 3;

/**
 * Tokens of the texts a caller sends, in any dialect: for each message those of its role, those of its text and 3; once 3
 * more. System texts count as one message. Tool definitions, calls and results, images and files count nothing.
 */
export function promptTokens(request: Readonly<Record<string, unknown>>): number {
  let tokens = 0;
  for (const [role, text] of messagesOf(request)) {
    tokens += estimateTokens(role) + (text === '' ? 0 : estimateTokens(text)) + MESSAGE_TOKENS;
  }
  return tokens === 0 ? 0 : tokens + MESSAGE_TOKENS;
}

/** Most tokens the caller lets the model write, all answers together; 0 where it does not say. */
export function outputBound(request: Readonly<Record<string, unknown>>): number {
  const { n, generationConfig } = request;
  const config = isTable(generationConfig) ? generationConfig : {};
  const bounds = [
    request['max_completion_tokens'],
    request['max_tokens'],
    request['max_output_tokens'],
    config['maxOutputTokens'],
    config['max_output_tokens'],
  ];
  const bound = bounds.find((value) => isCount(value));
  const answers = [n, config['candidateCount']].find((value) => isCount(value));
  return (typeof bound === 'number' ? bound : 0) * (typeof answers === 'number' ? answers : 1);
}

/** Role and text of each message. */
function* messagesOf(request: Readonly<Record<string, unknown>>): Generator<readonly [string, string]> {
  const { messages, input, contents } = request;
  const system = ['system', 'instructions', 'systemInstruction', 'system_instruction']
    .map((name) => textOf(request[name]))
    .filter((text) => text !== '')
    .join('\n\n');
  if (system !== '') yield ['system', system];
  if (typeof input === 'string') yield ['user', input];
  for (const list of [messages, input, contents]) {
    if (!Array.isArray(list)) continue;
    for (const item of list) {
      if (!isTable(item)) continue;
      const { role, type } = item;
      // Items of a responses request that are no messages: calls, results, reasoning.
      if (typeof role !== 'string' && (list !== contents || type !== undefined)) continue;
      const isResult = role === 'tool' || role === 'function';
      yield [typeof role === 'string' ? role : 'user', isResult ? '' : textOf(item['content'] ?? item['parts'])];
    }
  }
}

/** The texts of a content: a text, a list of parts, or an object that holds such. Parts that are no texts say nothing. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) {
    return content
      .map((part: unknown) => (typeof part === 'string' ? part : isTable(part) ? partText(part) : ''))
      .join('');
  }
  if (!isTable(content)) return '';
  const inner = content['parts'] ?? content['text'];
  return typeof inner === 'string' || Array.isArray(inner) ? textOf(inner) : '';
}

function partText(part: Readonly<Record<string, unknown>>): string {
  const { text, type, thought } = part;
  if (typeof text !== 'string' || thought === true) return '';
  return type === undefined || type === 'text' || type === 'input_text' || type === 'output_text' ? text : '';
}

export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}
