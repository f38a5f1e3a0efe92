// What a Converse request asks. Model and whether to stream stand in the path.
import { isObject, type JsonObject, listOf, member } from './json-value.ts';
import type { Question } from './question.ts';

export const BEDROCK_PATH = /^\/model\/([^/]+)\/(converse|converse-stream)$/;

const contentOf = (message: unknown) => listOf(member(message, 'content'));

function textOf(blocks: readonly unknown[]): string {
  return blocks
    .map((block) => member(block, 'text'))
    .filter((text) => typeof text === 'string')
    .join('');
}

export function readBedrockQuestion(body: JsonObject, path: string): Question {
  const [, model = '', operation] = BEDROCK_PATH.exec(path) ?? [];
  const messages = listOf(body['messages']);
  const asked = messages.filter((message) => member(message, 'role') === 'user').map((one) => textOf(contentOf(one)));
  const results = contentOf(messages.at(-1)).flatMap((block) => member(block, 'toolResult') ?? []);
  const { toolConfig } = body;
  const choice = member(toolConfig, 'toolChoice');
  const chosen = member(member(choice, 'tool'), 'name');
  return {
    protocol: 'bedrock',
    model: decodeURIComponent(model),
    stream: operation === 'converse-stream',
    includeUsage: true,
    prompt: asked.findLast((text) => text !== '') ?? '',
    tools: listOf(member(toolConfig, 'tools')).flatMap((tool) => {
      const spec = member(tool, 'toolSpec');
      const name = member(spec, 'name');
      return typeof name === 'string' ? [{ name, schema: member(member(spec, 'inputSchema'), 'json') }] : [];
    }),
    toolChoice: typeof chosen === 'string' ? { name: chosen } : isObject(member(choice, 'any')) ? 'required' : 'auto',
    toolResult:
      results.length > 0 ? results.map((result) => textOf(listOf(member(result, 'content')))).join('\n') : undefined,
    maxTokens: maximum(member(body['inferenceConfig'], 'maxTokens')),
    choices: 1,
    characters: JSON.stringify([body['system'], messages, toolConfig]).length,
  };
}

function maximum(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}
