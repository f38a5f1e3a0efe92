import type { RequestParameters } from '../../exchange/record.ts';
import { isTable } from './prompt-tokens.ts';

/** What a request in any dialect says about the answer it wants. Numbers only: no word of it is kept. */
export function requestParameters(request: Readonly<Record<string, unknown>>): RequestParameters {
  const config = isTable(request['generationConfig']) ? request['generationConfig'] : {};
  const limits = [
    request['max_completion_tokens'],
    request['max_tokens'],
    request['max_output_tokens'],
    config['maxOutputTokens'],
    config['max_output_tokens'],
  ];
  return {
    maxTokens: limits.find(isNumber),
    temperature: [request['temperature'], config['temperature']].find(isNumber),
    toolCount: toolCount(request['tools']),
  };
}

/** Google's clients put several functions into one tool. */
function toolCount(tools: unknown): number {
  if (!Array.isArray(tools)) return 0;
  return tools.reduce((count: number, tool: unknown) => {
    const functions = isTable(tool) ? (tool['functionDeclarations'] ?? tool['function_declarations']) : undefined;
    return count + (Array.isArray(functions) ? functions.length : 1);
  }, 0);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
